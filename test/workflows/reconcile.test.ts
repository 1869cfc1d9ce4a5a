import type { Split } from '../../src/ports/traffic';
import { reconcileWorkflowId } from '../../src/core/release/messages';
import type { ReconcileResult } from '../../src/workflows/reconcile';
import { failureOf } from '../support/failure-of';
import type { Rig, Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const closed: Split = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };
const promoted: Split = { blue: { weight: 0, state: 'maint' }, green: { weight: 100, state: 'ready' } };
const changed: Split = { blue: { weight: 60, state: 'ready' }, green: { weight: 40, state: 'ready' } };
const quick = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
const chat = { notify: [{ to: 'chat' }] };

async function guardOf(rig: Rig, { state }: Started) {
  const { sealed } = await state();
  const id = reconcileWorkflowId(rig.environment, 'shop', sealed?.seal.firstRunId ?? '');
  return rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(id);
}

const shows = (rig: Rig, wanted: Split) =>
  until(
    'the split is as it ended',
    async () => JSON.stringify(await rig.world.traffic.readSplit()) === JSON.stringify(wanted),
  );

async function rolledBack(rig: Rig): Promise<Started> {
  const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }], ...chat });
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  rig.world.breakSlot('green', 0.5);
  expect((await failureOf(started.handle.result())).type).toBe('RolledBack');
  rig.world.breakSlot('green', 0);
  return started;
}

test.concurrent(
  'weights that change after a rollback are set back, told and recorded',
  rigs.on(async (rig) => {
    const started = await rolledBack(rig);
    await rig.world.traffic.writeSplit(changed);
    await shows(rig, closed);
    const guard = await guardOf(rig, started);
    await guard.cancel();
    expect(await guard.result()).toEqual({ ended: 'cancelled', differences: 1 });
    const release = `${(await started.state()).sealed?.seal.firstRunId}/reconcile`;
    expect(await rig.world.store.evidence(release)).toMatchObject([
      { seq: 1, type: 'drift', detail: { observed: 'blue 60 % ready, green 40 % ready' } },
    ]);
    const told = await rig.world.store.takeOutbox(100, 60_000);
    expect(told.map(({ notification }) => notification.text).join()).toMatch(
      /found blue 60 % ready.* it was set back to blue 100 % ready.*temporal workflow cancel/,
    );
  }),
);

test.concurrent(
  'after a promotion the new roles are kept, also when a proxy forgets them',
  rigs.on(async (rig) => {
    const started = await rig.start(quick);
    expect((await started.handle.result()).ending).toBe('Promoted');
    rig.world.traffic.restart();
    await shows(rig, promoted);
    const guard = await guardOf(rig, started);
    await guard.cancel();
    expect((await guard.result()).differences).toBe(1);
  }),
);

test.concurrent(
  'a later release of the service ends the guard, which then changes nothing',
  rigs.on(async (rig) => {
    const first = await rolledBack(rig);
    const guard = await guardOf(rig, first);
    const second = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1s', minRequests: 5 }] });
    expect((await guard.result()).ended).toBe('superseded');
    expect((await second.handle.result()).ending).toBe('Promoted');
    expect(await rig.world.traffic.readSplit()).toEqual(promoted);
  }),
);

test.concurrent(
  'a repair that was under way when a later release began comes too late',
  rigs.on(async (rig) => {
    const first = await rolledBack(rig);
    const guard = await guardOf(rig, first);
    const looks = rig.control.hold('temporal.describeRun', (_id: string, runId?: string) => runId !== undefined);
    await rig.world.traffic.writeSplit(changed);
    await looks.reached;
    await rig.world.traffic.writeSplit(closed);
    const second = await rig.start({ checks: [], ...quick });
    await second.reach(({ snapshot }) => snapshot !== undefined, 'the second one prepares');
    looks.release();
    expect(await guard.result()).toEqual({ ended: 'superseded', differences: 0 });
    expect((await second.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a release that never touched the traffic leaves no guard behind',
  rigs.on(async (rig) => {
    rig.world.deployer.setReady('green', false);
    const started = await rig.start();
    await started.reach(() => rig.control.order(/deployer.deploy/).length > 0, 'deployed');
    rig.world.deployer.crash('green', 'port in use');
    expect((await failureOf(started.handle.result())).type).toBe('RolledBack');
    await expect((await guardOf(rig, started)).describe()).rejects.toMatchObject({
      name: 'WorkflowNotFoundError',
    });
  }),
);
