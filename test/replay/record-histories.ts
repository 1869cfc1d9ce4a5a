import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { contractWorkflowId, taskQueues } from '../../src/core/release/messages';
import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { signals, updates, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, everything, files, gated, migrations } from '../support/shop-release';
import { presentFolder } from './recorded';

const rigs = createRigs();
const continuing = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(async () => {
  await rigs.close();
  await continuing.close();
});

const isProcessName = (value: unknown): boolean => typeof value === 'string' && /^\d+@[^@]+$/.test(value);

/** Takes out who recorded it and where: neither is part of what is replayed. */
const anonymous = (key: string, value: unknown): unknown =>
  key === 'stackTrace' ? '' : key === 'identity' || isProcessName(value) ? 'recorder' : value;

async function write(rig: Rig, name: string, workflowId: string, runId?: string): Promise<void> {
  const history = await rig.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const text = JSON.stringify(JSON.parse(historyToJSON(history)), anonymous, 1);
  writeFileSync(join(presentFolder(), `${name}.json`), `${text}\n`);
}
const over = (started: Started): Promise<unknown> => started.handle.result().catch((error: unknown) => error);
const short: Fields = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };

/** Records the release that `work` brings to its end. */
const record = (name: string, work: (rig: Rig) => Promise<Started>) =>
  test(
    name,
    rigs.on(async (rig) => {
      const started = await work(rig);
      await over(started);
      await write(rig, name, started.handle.workflowId);
    }),
  );

record('promoted', (rig) => rig.start());

record('promoted-with-gates-and-migrations', async (rig) => {
  const stages = [
    { canaryPercent: 5, bakeTime: '300ms', minRequests: 5 },
    { canaryPercent: 25, bakeTime: '300ms', minRequests: 5, gate: 'wider' },
  ];
  const started = await rig.start(
    {
      ...everything,
      stages,
      gates: { wider: { approvals: 2 }, all: {} },
      fullExposure: { gate: 'all', rollbackWindow: '300ms', minRequests: 5 },
      notify: [{ to: 'chat' }],
    },
    files,
  );
  await started.reach(({ gates }) => 'wider' in gates, 'first gate');
  await started.handle.signal(signals.approve, said('eve', { gate: 'all' }));
  for (const by of ['ada', 'bob'])
    await started.handle.executeUpdate(updates.approve, { args: [said(by, { gate: 'wider' })] });
  await started.reach(({ gates }) => 'all' in gates, 'second gate');
  await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'all' })] });
  return started;
});

record('refused', (rig) => rig.start({ environment: 'elsewhere' }));

record('rolled-back', async (rig) => {
  const started = await rig.start({ ...everything, ...endless }, files);
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  rig.world.breakSlot('green', 0.5);
  return started;
});

record('aborted-at-gate', async (rig) => {
  const started = await rig.start(gated());
  await started.reach(({ gates }) => 'go' in gates, 'gate open');
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

record('gate-expired', (rig) => rig.start(gated({ timeout: '700ms', remindEvery: '300ms' })));

record('rollback-incomplete-waived', async (rig) => {
  const started = await rig.start({ ...everything, ...endless }, files);
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  rig.control.fail('deployer.drain', new PortError('Rejected', 'drain: disk is full'));
  await started.handle.signal(signals.abort, said('dee'));
  const isStuck = (key: string) =>
    started.reach(({ compensations }) => compensations[key]?.status === 'stuck', `${key} stuck`);
  await isStuck('deploy/shop');
  await started.handle.executeUpdate(updates.retry, { args: [said('ada', { effect: 'deploy/shop' })] });
  await isStuck('deploy/shop');
  await started.handle.executeUpdate(updates.waive, { args: [said('ada', { effect: 'deploy/shop' })] });
  await isStuck('proof');
  await started.handle.executeUpdate(updates.waive, { args: [said('ada', { effect: 'proof' })] });
  return started;
});

record('paused-resumed', async (rig) => {
  const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1s', minRequests: 5 }] });
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  await started.handle.executeUpdate(updates.pause, { args: [said('dee')] });
  await started.reach(({ watch }) => watch?.class === 'advance', 'the watch would go on');
  await started.handle.executeUpdate(updates.resume, { args: [said('dee')] });
  return started;
});

record('weights-lost', async (rig) => {
  const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '2s', minRequests: 5 }] });
  await started.reach(({ journal }) => journal.at(-1)?.detail?.includes('25 %') === true, 'exposed');
  await started.reach(() => rig.control.order(/traffic\.read$/).length > 10, 'watched');
  rig.world.traffic.loseWeights();
  return started;
});

record('store-away', async (rig) => {
  rig.world.store.setDown(true);
  const started = await rig.start(short);
  await started.reach(({ phase }) => phase === 'Promoted', 'promoted');
  rig.world.store.setDown(false);
  return started;
});

/** Records the contract of a promoted release. */
const recordContract = (name: string, work: (rig: Rig, contractId: string) => Promise<void>, gate: Fields = {}) =>
  test(
    name,
    rigs.on(async (rig) => {
      const started = await rig.start({ ...migrations, ...short, contractGate: gate }, files);
      await started.handle.result();
      const release = (await started.state()).sealed?.seal.firstRunId ?? '';
      const contractId = contractWorkflowId(rig.environment, 'shop', release);
      await work(rig, contractId);
      await rig.client.workflow.getHandle(contractId).result();
      await write(rig, name, contractId);
    }),
  );

const approveContract = (rig: Rig, id: string) =>
  rig.client.workflow.getHandle(id).executeUpdate(updates.approve, { args: [said('ada', { gate: 'contract' })] });

recordContract('contracted', async (rig, id) => void (await approveContract(rig, id)));
recordContract('contract-declined', () => Promise.resolve(), { timeout: '300ms' });
recordContract('contract-incomplete', async (rig, id) => {
  rig.control.fail('database.apply', new PortError('Rejected', 'SQLSTATE 2BP01'));
  await approveContract(rig, id);
  const handle = rig.client.workflow.getHandle(id);
  for (const update of [updates.retry, updates.waive]) {
    const accepted = async (): Promise<boolean> => {
      try {
        await handle.executeUpdate(update, { args: [said('ada')] });
        return true;
      } catch {
        // Refused until the part is stuck.
        return false;
      }
    };
    while (!(await accepted()));
  }
});

test(
  'planned',
  rigs.on(async (rig) => {
    const workflowId = `plan/${rig.environment}/shop`;
    const bundle = { descriptor: { path: 'release.yaml', text: 'service: shop' }, files: [] };
    await rig.client.workflow.execute('plan', {
      workflowId,
      taskQueue: taskQueues(rig.environment).workflow,
      args: [{ request: { bundle, requestedBy: 'cem' }, environment: rig.environment }],
    });
    await write(rig, 'planned', workflowId);
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
    await write(rig, 'continued-as-new-first', workflowId, runId);
    await write(rig, 'continued-as-new-last', workflowId);
  }),
);
