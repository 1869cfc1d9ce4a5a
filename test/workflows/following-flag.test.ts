import { join } from 'node:path';
import { createFlagdFile } from '../../src/adapters/flags/flagd';
import { PortError } from '../../src/ports/errors';
import { failureOf } from '../support/failure-of';
import { withFlagd } from '../support/flagd';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, startRig, startTemporal, type Rig } from '../support/release-rig';
import { endless } from '../support/shop-release';
import { temporaryDirectory } from '../support/temporary-directory';
import { until } from '../support/until';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let count = 0;
beforeAll(async () => {
  directory = await temporaryDirectory();
  temporal = await startTemporal();
});
afterAll(async () => {
  await Promise.all([temporal?.close(), directory?.remove()]);
});

const flags = [{ flag: 'two-names', value: true, follows: 'traffic' }];

/** A world with flags in a file of flagd, and who has the flag there, by the version that serves them. */
async function withFlags(test: (rig: Rig, at: ReturnType<typeof flagsAt>) => Promise<void>): Promise<void> {
  const at = flagsAt(join(directory.path, `flags-${(count += 1)}.json`));
  const rig = await startRig(temporal.connection, undefined, { flags: () => at.port });
  try {
    await test(rig, at);
  } finally {
    await rig.close();
  }
}
function flagsAt(path: string) {
  const port = createFlagdFile({ path, tenantField: 'tenant' });
  const isOnIn = (...versions: readonly string[]) =>
    withFlagd(path, (isOn) =>
      Promise.all(versions.map((version) => isOn('two-names', { targetingKey: 'ada', version }))),
    );
  return { port, isOnIn };
}

it('a flag that follows the traffic is for the canary alone, and for everybody once everybody is there', () =>
  withFlags(async (rig, { port, isOnIn }) => {
    const started = await rig.start({ flags });
    await started.reach(isExposed, 'exposed');
    expect(await isOnIn('1.0.0', '2.0.0', '')).toEqual([false, true, false]);
    expect((await started.handle.result()).ending).toBe('Promoted');
    expect(await isOnIn('1.0.0', '2.0.0', '2.1.0')).toEqual([true, true, true]);
    // What it was for the canary is no drift of what it is now.
    await port.write('two-names', false);
    await until('it is set back for everybody', async () => (await isOnIn('1.0.0', '2.1.0')).every(Boolean));
  }));

it('two of them are opened one after the other, however long that takes, and the first is no drift meanwhile', () =>
  withFlags(async (rig, { port }) => {
    const two = [...flags, { flag: 'new-checkout', value: true, follows: 'traffic' }];
    const started = await rig.start({ flags: two, notify: [{ to: 'chat' }] });
    const opening = rig.control.hold('flags.write', (flag: string, value) => flag === 'new-checkout' && value === true);
    await opening.reached;
    const everybody = await port.read('two-names');
    const looks = rig.control.order(/^traffic\.read$/).length;
    await until('time passes', () => rig.control.order(/^traffic\.read$/).length > looks + 20);
    expect(await port.read('two-names')).toEqual(everybody);
    opening.release();
    expect((await started.handle.result()).ending).toBe('Promoted');
    expect((await started.state()).drifts).toBeUndefined();
    expect(await port.read('two-names')).toEqual(everybody);
  }));

it('it goes with the canary when that is rolled back', () =>
  withFlags(async (rig, { port, isOnIn }) => {
    const started = await rig.start({ ...endless, flags });
    await started.reach(isExposed, 'exposed');
    expect(await isOnIn('1.0.0', '2.0.0')).toEqual([false, true]);
    await started.handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(await port.read('two-names')).toBeUndefined();
  }));

it('a release that fails to give it to everybody takes it from everybody', () =>
  withFlags(async (rig, { port }) => {
    const before = await port.foretell('two-names', { found: undefined, value: false });
    await port.write('two-names', false);
    const started = await rig.start({ flags });
    await started.reach(isExposed, 'exposed');
    const away = new PortError('TargetUnavailable', 'switches: no answer');
    rig.control.fail('flags.write', away, (_flag: string, value: unknown) => value === true);
    await started.reach(({ stage }) => stage === 'open-flags', 'it is to be opened');
    await started.handle.signal(signals.abort, said('dee'));
    rig.control.fail('flags.write', undefined);
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
    expect(await port.read('two-names')).toEqual(before);
  }));

it('a flag that somebody has now is refused: users of the baseline would lose it', () =>
  withFlags(async (rig, { port, isOnIn }) => {
    await port.write('two-names', true);
    const { type, report } = await failureOf((await rig.start({ flags })).handle.result());
    expect([type, report.refusals.map(({ code }) => code)]).toEqual(['Refused', ['target-refuses']]);
    expect(report.refusals[0]?.message).toMatch(/is not off now: users of the baseline would lose it/);
    expect(await isOnIn('1.0.0')).toEqual([true]);
  }));
