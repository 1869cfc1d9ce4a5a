import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { gated } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

test.concurrent(
  'an abort at a gate closes the traffic although the message about the gate cannot be stored',
  rigs.on(async (rig) => {
    const exposed = { stages: [{ canaryPercent: 25, bakeTime: '1s', minRequests: 5 }] };
    const started = await rig.start({ ...gated(), ...exposed, notify: [{ to: 'chat' }] });
    await until('the beginning is stored', async () => (await rig.world.store.releases(rig.environment, 1)).length > 0);
    rig.world.store.setDown(true);
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
