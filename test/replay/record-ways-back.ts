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

record('aborted-beside-a-refusal', async (rig) => {
  const started = await exposed(rig, all);
  // What is refused leaves nothing in the history, and may wake nothing that a replay would not wake.
  const refused = started.handle.executeUpdate(updates.resume, { args: [said('eve')] }).catch(() => undefined);
  await started.handle.signal(signals.abort, said('dee'));
  await refused;
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

record('kill-switch-left', async (rig) => {
  const started = await exposed(rig, all);
  await rig.world.flags.write('stop-checkout', true);
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

record('second-controller', async (rig) => {
  const started = await exposed(rig, all);
  const write = async (): Promise<void> => {
    const { green } = await rig.world.traffic.readSplit();
    if (green.weight === 25) await rig.world.traffic.writeWeights({ blue: 60, green: 40 });
  };
  const timer = setInterval(() => void write(), 50);
  await started.reach(({ failure }) => failure !== undefined, 'it turns back').finally(() => clearInterval(timer));
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

/** A release that was aborted, and the guard it left behind. */
async function abortedUnderGuard(rig: Rig) {
  const started = await exposed(rig, all);
  await started.handle.signal(signals.abort, said('dee'));
  await over(started);
  const release = (await started.state()).sealed?.seal.firstRunId ?? '';
  return { release, guardId: reconcileWorkflowId(rig.environment, 'shop', release) };
}

test(
  'reconciled',
  rigs.on(async (rig) => {
    const { guardId } = await abortedUnderGuard(rig);
    await rig.world.traffic.writeSplit({ blue: { weight: 60, state: 'ready' }, green: { weight: 40, state: 'ready' } });
    await until('it is set back', async () => (await rig.world.traffic.readSplit()).green.weight === 0);
    const guard = rig.client.workflow.getHandle(guardId);
    await guard.cancel();
    await guard.result();
    await writeHistory(rig, 'reconciled', guardId);
  }),
);

test(
  'reconciled-settings',
  rigs.on(async (rig) => {
    const { release, guardId } = await abortedUnderGuard(rig);
    await rig.world.flags.write('two-names', 'somebody else');
    await until('it is put back', async () => (await rig.world.flags.read('two-names')) === undefined);
    const looks = (): number => rig.control.order(/^database.schemaVersion$/).length;
    const before = looks();
    await until('the schema is watched', () => looks() > before + 1);
    rig.world.database.setObject('table public.other', 'by hand');
    const kept = () => rig.world.store.evidence(`${release}/reconcile`);
    await until('it is told', async () => (await kept()).length === 2);
    const guard = rig.client.workflow.getHandle(guardId);
    await guard.cancel();
    await guard.result();
    await writeHistory(rig, 'reconciled-settings', guardId);
  }),
);

record('schema-drift-told', async (rig) => {
  const started = await exposed(rig, all);
  await started.reach(({ schemas }) => schemas !== undefined, 'the schema is watched');
  rig.world.database.setObject('table public.other', 'by hand');
  await started.reach(({ drifts }) => drifts?.['schema/orders'] !== undefined, 'it is told');
  rig.world.database.setObject('table public.other', undefined);
  await started.reach(({ drifts }) => drifts?.['schema/orders']?.endedAtMs !== undefined, 'it is over');
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

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
