import { reconcileWorkflowId } from '../../src/core/release/messages';
import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { said } from '../support/messages';
import { isExposed, recover, terminate } from '../support/recoveries';
import { signals, updates, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, everything, files, gated } from '../support/shop-release';
import { until } from '../support/until';
import { over, recorderOn, writeHistory } from './recorder';

const rigs = createRigs();
const continuing = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(async () => {
  await rigs.close();
  await continuing.close();
});
const record = recorderOn(rigs);

const drain: Fields = {
  rollback: { backInBand: '200ms', onAbort: 'drain', drain: { every: '60ms', sessions: '200ms' } },
};
const all: Fields = { ...everything, ...endless };

async function exposed(rig: Rig, fields: Fields): Promise<Started> {
  const started = await rig.start(fields, files);
  await started.reach(isExposed, 'exposed');
  return started;
}

record('drained', async (rig) => {
  const started = await exposed(rig, { ...all, ...drain });
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

record('drain-told-twice', async (rig) => {
  const started = await exposed(rig, { ...all, ...drain });
  const abort = said('dee');
  await started.handle.signal(signals.abort, abort);
  await started.handle.signal(signals.abort, abort);
  return started;
});

record('drain-broken-off', async (rig) => {
  const started = await exposed(rig, {
    ...all,
    rollback: { backInBand: '200ms', onAbort: 'drain', drain: { every: '1h', sessions: '200ms' } },
  });
  await started.handle.signal(signals.abort, said('dee'));
  await started.reach(({ wayBack }) => wayBack?.drain?.canaryPercent === 13, 'one step back');
  await started.handle.signal(signals.abort, said('eve'));
  return started;
});

record('drift-repaired', async (rig) => {
  const started = await exposed(rig, all);
  await rig.world.flags.write('two-names', 'somebody else');
  const key = 'flag/switches/two-names';
  await started.reach(({ drifts }) => drifts?.[key]?.endedAtMs !== undefined, 'it is set again');
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

test(
  'recovered',
  rigs.on(async (rig) => {
    const started = await exposed(rig, all);
    await terminate(rig, started);
    const recovery = await recover(rig, started);
    await recovery.result().catch((error: unknown) => error);
    await writeHistory(rig, 'recovered', recovery.workflowId);
  }),
);

test(
  'reconciled',
  rigs.on(async (rig) => {
    const started = await exposed(rig, all);
    await started.handle.signal(signals.abort, said('dee'));
    await over(started);
    const { sealed } = await started.state();
    const guardId = reconcileWorkflowId(rig.environment, 'shop', sealed?.seal.firstRunId ?? '');
    await rig.world.traffic.writeSplit({ blue: { weight: 60, state: 'ready' }, green: { weight: 40, state: 'ready' } });
    await until('it is set back', async () => (await rig.world.traffic.readSplit()).green.weight === 0);
    const guard = rig.client.workflow.getHandle(guardId);
    await guard.cancel();
    await guard.result();
    await writeHistory(rig, 'reconciled', guardId);
  }),
);

test(
  'continued-as-new',
  continuing.on(async (rig) => {
    const started = await rig.start(gated({ approvals: 2 }));
    const { workflowId } = started.handle;
    await started.reach(({ gates }) => 'go' in gates, 'gate open');
    const handle = rig.client.workflow.getHandle(workflowId);
    await handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'go' })] });
    const { runId } = await handle.describe();
    while ((await handle.describe()).runId === runId) await handle.signal(signals.retry, said('eve'));
    await handle.executeUpdate(updates.approve, { args: [said('bob', { gate: 'go' })] });
    await started.handle.result();
    await writeHistory(rig, 'continued-as-new-first', workflowId, runId);
    await writeHistory(rig, 'continued-as-new-last', workflowId);
  }),
);

test(
  'continued-as-new-backward',
  continuing.on(async (rig) => {
    const started = await exposed(rig, all);
    const { workflowId } = started.handle;
    rig.control.fail('deployer.drain', new PortError('Rejected', 'drain: disk is full'));
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    await continueOnce(rig.client, workflowId);
    rig.control.fail('deployer.drain', undefined);
    await rig.client.workflow.getHandle(workflowId).executeUpdate(updates.retry, { args: [said('ada')] });
    await over(started);
    await writeHistory(rig, 'continued-as-new-backward', workflowId);
  }),
);
