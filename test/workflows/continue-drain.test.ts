import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';
import { until } from '../support/until';

// A new run is suggested after so few events that every release here would go through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

test.concurrent(
  'a step of a drain that is under way is not cut by a new run, and a second abort still ends it at once',
  rigs.on(async (rig) => {
    const drain = { every: '1h', sessions: '200ms' };
    const started = await rig.start({ ...endless, rollback: { backInBand: '200ms', onAbort: 'drain', drain } });
    await started.reach(isExposed, 'exposed');
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ wayBack }) => wayBack?.drain?.canaryPercent === 13, 'one step back');
    const last = rig.client.workflow.getHandle(started.handle.workflowId);
    const { runId } = await last.describe();
    const refusedBefore = (await started.state()).refusedMessageCount;
    for (let sent = 0; sent < 60; sent += 1) await last.signal(signals.reject, said('eve', { gate: 'nowhere' }));
    await until('all are heard', async () => (await started.state()).refusedMessageCount >= refusedBefore + 60);
    expect((await last.describe()).runId).toBe(runId);
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(13);
    await started.handle.signal(signals.abort, said('fay'));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.by, report.proof?.isRestored]).toEqual(['Aborted', 'dee', true]);
    expect((await started.state()).wayBack?.escalation?.by).toBe('fay');
    // Down by one step, then closed: nothing was begun anew.
    expect(rig.control.order(/^traffic\.writeWeights$/).length).toBeLessThanOrEqual(3);
  }),
);
