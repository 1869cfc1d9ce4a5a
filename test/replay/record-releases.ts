import { taskQueues } from '../../src/core/release/messages';
import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { signals, updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, everything, files, gated } from '../support/shop-release';
import { recorderOn, short, writeHistory } from './recorder';

const rigs = createRigs();
afterAll(rigs.close);
const record = recorderOn(rigs);

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
    await writeHistory(rig, 'planned', workflowId);
  }),
);
