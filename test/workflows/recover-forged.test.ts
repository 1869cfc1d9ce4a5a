import { Worker, type NativeConnection } from '@temporalio/worker';
import type { KeptRelease } from '../../src/core/evidence/kept';
import type { ReleaseState } from '../../src/core/release/state';
import { releaseWorkflowId, taskQueues } from '../../src/core/release/messages';
import { failureOf } from '../support/failure-of';
import { deletesQuickly, forget, isExposed, recover, terminate } from '../support/recoveries';
import { type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, everything, files } from '../support/shop-release';
import { until } from '../support/until';
import { workflowBundle } from '../support/workflow-bundle';

const rigs = createRigs(deletesQuickly);
afterAll(rigs.close);

/** A release with its canary exposed, and what it was when it was terminated. */
async function cutOff(rig: Rig): Promise<{ readonly started: Started; readonly state: ReleaseState }> {
  const started = await rig.start({ ...everything, ...endless }, files);
  const state = await started.reach(isExposed, 'exposed');
  await terminate(rig, started);
  return { started, state };
}

const changesOf = ({ control }: Rig): number => control.order(/write|deploy|drain|undo|restore|apply/).length;

/** Starts a run of the release's id with this input; returns what it was refused for. */
async function refusalOf(rig: Rig, input: unknown): Promise<string> {
  const handle = await rig.client.workflow.start('release', {
    workflowId: releaseWorkflowId(rig.environment, 'shop'),
    taskQueue: taskQueues(rig.environment).workflow,
    args: [input],
  });
  const { type, report } = await failureOf(handle.result());
  expect(type).toBe('Refused');
  return report?.refusals[0]?.code ?? 'no report';
}

const said = { requestedBy: 'eve', why: 'it is mine' };
const evil = (state: ReleaseState): ReleaseState => ({
  ...state,
  phase: 'RollingBack',
  snapshot: {
    roles: { baseline: 'green', canary: 'blue' },
    world: { ...(state.snapshot?.world as NonNullable<ReleaseState['snapshot']>['world']), flags: {} },
  },
});

test.concurrent(
  'a recovery takes nothing from its input but which release is meant',
  rigs.on(async (rig) => {
    const none = await refusalOf(rig, { request: { recover: { state: {}, snapshot: {}, journal: [] }, ...said } });
    expect(none).toBe('nothing-to-recover');

    const { started, state } = await cutOff(rig);
    const { journal, snapshot, ...forged } = evil(state);
    const carried = { state: { ...forged, snapshot, grant: { firstRunId: 'r', mac: 'm' } }, seq: 0, unpublished: [] };
    const before = changesOf(rig);
    expect(await refusalOf(rig, { request: { recover: {}, ...said }, carried })).toBe('no report');
    expect(await refusalOf(rig, { request: { recover: { firstRunId: 'another' }, ...said } })).toBe('state-lost');
    expect(changesOf(rig)).toBe(before);

    const request = { recover: { state: forged, snapshot, journal, grant: {} }, ...said };
    const handle = await rig.client.workflow.start('release', {
      workflowId: started.handle.workflowId,
      taskQueue: taskQueues(rig.environment).workflow,
      args: [{ request }],
    });
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
    expect(report.undone).toHaveLength(state.journal.length);
  }),
);

/** What somebody who may write to the store could make of it. */
const doctored: readonly [string, (kept: KeptRelease) => unknown][] = [
  ['another snapshot', (kept) => ({ ...kept, snapshot: { ...kept.snapshot, world: { flags: {} } } })],
  [
    'other slots',
    (kept) => ({ ...kept, snapshot: { ...kept.snapshot, roles: { baseline: 'green', canary: 'blue' } } }),
  ],
  ['another plan', (kept) => ({ ...kept, sealed: { ...kept.sealed, plan: { ...kept.sealed.plan, rollback: [] } } })],
  [
    'the seal of another release',
    (kept) => ({ ...kept, sealed: { ...kept.sealed, seal: { ...kept.sealed.seal, firstRunId: 'another' } } }),
  ],
  ['no plan', (kept) => ({ ...kept, sealed: {} })],
  ['nothing in it', ({ release }) => ({ release })],
];

test.concurrent(
  'a stored release is refused in plain words unless all of it is what a worker sealed',
  rigs.on(async (rig) => {
    const { started } = await cutOff(rig);
    const release = started.handle.firstExecutionRunId;
    const { store } = rig.world;
    await forget(rig.client, started.handle.workflowId, release);
    const kept = await store.kept(release);
    if (kept === undefined) throw new Error('it was not kept');
    const place = { environment: kept.environment, service: kept.service };
    let { attempt } = kept;
    const before = changesOf(rig);
    for (const [what, doctor] of doctored) {
      await store.keep({ ...(doctor(kept) as KeptRelease), ...place, attempt: (attempt += 1) });
      const { type, report } = await failureOf((await recover(rig, started, release)).result());
      expect([what, type, report.refusals[0]?.code]).toEqual([what, 'Refused', 'state-lost']);
      expect(report.sentence).toMatch(/not sealed by a worker/);
    }
    expect(changesOf(rig)).toBe(before);

    await store.keep({ ...kept, attempt: attempt + 1 });
    expect((await failureOf((await recover(rig, started, release)).result())).type).toBe('RolledBack');
  }),
);

/** Somebody else's worker, for as long as it takes to start a run that goes on as a recovery. */
async function startForged(rig: Rig, state: ReleaseState): Promise<void> {
  const worker = await Worker.create({
    connection: rig.client.connection as NativeConnection,
    taskQueue: `forger-${rig.environment}`,
    workflowBundle: await workflowBundle({ workflowsPath: require.resolve('../support/forge') }),
  });
  const workflowId = releaseWorkflowId(rig.environment, 'shop');
  const input = { queue: taskQueues(rig.environment).workflow, request: { recover: {}, ...said }, state };
  await worker.runUntil(async () => {
    const { firstExecutionRunId } = await rig.client.workflow.start('forgeRecovery', {
      workflowId,
      taskQueue: `forger-${rig.environment}`,
      args: [input],
    });
    await until('it goes on', async () => {
      const { status } = await rig.client.workflow.getHandle(workflowId, firstExecutionRunId).describe();
      return status.name === 'CONTINUED_AS_NEW';
    });
  });
}

test.concurrent(
  'a run that goes on from somebody else with a grant of its own making changes nothing, and the release is recovered after it',
  rigs.on(async (rig) => {
    const { started, state } = await cutOff(rig);
    const before = changesOf(rig);
    const pending = state.journal.map(({ effect }) => [effect, { status: 'pending' as const }]);
    const failure = { code: 'Recovered', reason: 'eve', atMs: 1, verdicts: [] } as const;
    await startForged(rig, { ...evil(state), failure, compensations: Object.fromEntries(pending) as never });
    const forged = rig.client.workflow.getHandle(started.handle.workflowId);
    await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    expect(await started.sentence()).toMatch(/its seal is wrong/);
    expect(changesOf(rig)).toBe(before);

    await forged.terminate('forged');
    const release = started.handle.firstExecutionRunId;
    const { type, report } = await failureOf((await recover(rig, started, release)).result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
  }),
);
