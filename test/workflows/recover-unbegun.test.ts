import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { recover, terminate } from '../support/recoveries';
import type { Rig, Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { everything, files, gated } from '../support/shop-release';
import { until } from '../support/until';

// A new run is suggested after so few events that a release here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

/** Brings a release to its gate, on into a new run and to an end there, while the store takes nothing. */
async function cutInNewRun(rig: Rig): Promise<{ readonly started: Started; readonly newestRunId: string }> {
  rig.world.store.setDown(true);
  const started = await rig.start({ ...everything, ...gated() }, files);
  await started.reach(({ gates }) => gates['go'] !== undefined, 'the gate is open');
  const { workflowId } = started.handle;
  await continueOnce(rig.client, workflowId);
  const { runId } = await rig.client.workflow.getHandle(workflowId).describe();
  const newest = rig.client.workflow.getHandle(workflowId, runId);
  // Before a worker's first task nobody could read it.
  await until('the new run has begun', async () =>
    ((await newest.fetchHistory()).events ?? []).some((event) => event.workflowTaskCompletedEventAttributes != null),
  );
  await terminate(rig, started);
  rig.world.store.setDown(false);
  return { started, newestRunId: runId };
}

test.concurrent(
  'a release whose newest run says nothing is open, and is brought back by what the run before it knew',
  rigs.on(async (rig) => {
    const { started, newestRunId } = await cutInNewRun(rig);
    // As of a run that was ended before a worker took its first task.
    const isNewest = (_workflowId: string, runId: string): boolean => runId === newestRunId;
    rig.control.alter('temporal.state', () => undefined, isNewest);

    const next = await failureOf((await rig.start({ stages: [] })).handle.result());
    expect([next.type, next.report.refusals[0]?.code]).toEqual(['Refused', 'open-release']);

    const { type, report } = await failureOf((await recover(rig, started)).result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'Recovered', true]);
    expect(report.release).toBe(started.handle.firstExecutionRunId);
    const evidence = await rig.world.store.evidence(started.handle.firstExecutionRunId);
    expect(evidence.find(({ detail }) => detail['type'] === 'recovered')?.detail).toMatchObject({
      from: 'earlier-run',
      found: { journal: expect.any(Array) as unknown },
    });
  }),
);

test.concurrent(
  'a release whose newest run the index of Temporal does not show yet is open, and that run is what is recovered',
  rigs.on(async (rig) => {
    const { started, newestRunId } = await cutInNewRun(rig);
    rig.control.alter('temporal.list', (found: readonly string[]) => found.filter((runId) => runId !== newestRunId));

    const next = await failureOf((await rig.start({ stages: [] })).handle.result());
    expect([next.type, next.report.refusals[0]?.code]).toEqual(['Refused', 'open-release']);

    const { type, report } = await failureOf((await recover(rig, started)).result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
    const evidence = await rig.world.store.evidence(started.handle.firstExecutionRunId);
    expect(evidence.find(({ detail }) => detail['type'] === 'recovered')?.detail).toMatchObject({ from: 'history' });
  }),
);

test.concurrent(
  'a release that nobody can read is open, also where the store was away when it began',
  rigs.on(async (rig) => {
    rig.world.store.setDown(true);
    const started = await rig.start({ ...everything, ...gated() }, files);
    await started.reach(({ gates }) => gates['go'] !== undefined, 'the gate is open');
    await terminate(rig, started);
    rig.world.store.setDown(false);
    // As of a history that this version cannot replay.
    rig.control.alter('temporal.state', () => undefined);

    const next = await failureOf((await rig.start({ stages: [] })).handle.result());
    expect([next.type, next.report.refusals[0]?.code]).toEqual(['Refused', 'open-release']);
  }),
);

test.concurrent(
  'a release that was ended before a worker took its first task left nothing, whoever else is away',
  rigs.on(async (rig) => {
    const { handle } = await rig.start({ stages: [] });
    await handle.result();
    const unbegun = await rig.client.workflow.start('release', {
      workflowId: handle.workflowId,
      taskQueue: 'nobody',
      args: [],
    });
    await unbegun.terminate('enough');
    rig.world.store.setDown(true);
    const next = await rig.start({ stages: [] });
    await next.reach(({ phase }) => phase === 'Promoted', 'promoted');
    // It closes when the store has everything.
    rig.world.store.setDown(false);
    await next.handle.result();
  }),
);
