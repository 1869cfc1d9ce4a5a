import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { gated } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

test.concurrent(
  'an abort at a gate closes the traffic although the message about the gate cannot be stored',
  rigs.on(async (rig) => {
    rig.world.store.setDown(true);
    const exposed = { stages: [{ canaryPercent: 25, bakeTime: '100ms', minRequests: 5 }] };
    const started = await rig.start({ ...gated(), ...exposed, notify: [{ to: 'chat' }] });
    await started.reach(({ gates }) => gates['go'] !== undefined, 'gate open');
    await started.handle.signal(signals.abort, said('dee'));
    const { phase } = await started.reach(({ endedAtMs }) => endedAtMs !== undefined, 'aborted');
    expect(phase).toBe('Aborted');
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    rig.world.store.setDown(false);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  }),
);
