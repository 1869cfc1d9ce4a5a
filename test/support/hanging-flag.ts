import { said } from './messages';
import { signals, type Rig, type Started } from './release-rig';
import { endless, everything, files } from './shop-release';

/** A release that was aborted in the middle of a shift, and whose kill switch hangs on the way back, until each is released. */
export async function abortUnderHangingFlag(rig: Rig): Promise<{
  readonly started: Started;
  readonly shift: { release(): void };
  readonly flag: { release(): void };
}> {
  const shift = rig.control.hold('traffic.writeWeights', (shares: { green: number }) => shares.green === 25);
  const started = await rig.start({ ...everything, ...endless }, files);
  await Promise.race([shift.reached, started.handle.result()]);
  const flag = rig.control.hold(
    'flags.write',
    (name: string, value: unknown) => name === 'stop-checkout' && value === undefined,
  );
  await started.handle.signal(signals.abort, said('dee'));
  await flag.reached;
  return { started, shift, flag };
}
