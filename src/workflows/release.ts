import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { WatchState } from '../activities/observe/watch-state';
import { contractWorkflowId, type StartRequest } from '../core/release/messages';
import type { Ending, Failure } from '../core/release/events';
import { tooLateToTurn } from '../core/release/admit';
import { explain } from '../core/release/explain';
import { reportOf, type ReleaseReport } from '../core/release/report';
import { newRelease } from '../core/release/state';
import type { ContractInput } from './contract';
import { causeOf, isActivityFault } from './faults';
import { openInbox } from './inbox';
import { createPublisher, type Publisher } from './publisher';
import { createRollback, type Rollback } from './rollback';
import { createRun, type Carried, type Run } from './run';
import { runStage } from './stages';
import { guardPause } from './pause';
import { createWatch, type Watch } from './watch';
import { assertForward, TurnedBack } from './wait';

export type ReleaseInput = {
  readonly request: StartRequest;
  readonly carried?: Carried & { readonly watch?: WatchState };
};

/** The service and environment are in the id: it is the lock, so nothing else may name them. */
export function lockOf(workflowId: string): { readonly environment: string; readonly service: string } {
  const [, environment, service] = workflowId.split('/');
  if (environment === undefined || service === undefined)
    throw ApplicationFailure.nonRetryable(
      `${workflowId} is no release id; it must be release/<environment>/<service>`,
      'Refused',
    );
  return { environment, service };
}

/** Only a run that goes on from this very release brings a state; one that was started with it is a forgery. */
function assertOwnState(carried: ReleaseInput['carried']): void {
  if (carried === undefined) return;
  const { continuedFromExecutionRunId, firstExecutionRunId } = workflowInfo();
  if (continuedFromExecutionRunId !== undefined && carried.state.sealed?.seal.firstRunId === firstExecutionRunId)
    return;
  throw ApplicationFailure.nonRetryable(
    'The release was started with a state of its own instead of a bundle. Nothing was changed; start it by `spillway start`.',
    'Refused',
  );
}

type Parts = { readonly run: Run; readonly watch: Watch; readonly publisher: Publisher };

/** Compiles and seals the plan; false when the release is refused before anything happened. */
async function prepare({ run, publisher }: Parts, request: StartRequest): Promise<boolean> {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  if (run.state().sealed === undefined) {
    const compiled = await run.activities.local.compileRelease({ request, workflowId, firstRunId });
    if (!compiled.ok) {
      run.record({ type: 'refused', refusals: compiled.refusals });
      return false;
    }
    run.record({ type: 'compiled', sealed: compiled.sealed });
    const { plan, seal } = compiled.sealed;
    upsertMemo({ planDigest: seal.planDigest, owners: plan.owners, version: plan.version });
  }
  if (run.state().snapshot === undefined && !run.isGoingBack()) {
    const found = await run.activities.effects.preflight.executeWithOptions(
      { summary: 'look at every target, take the snapshot' },
      [{ sealed: run.sealed() }],
    );
    if (!found.ok) {
      run.record({ type: 'refused', refusals: found.refusals });
      return false;
    }
    run.record({ type: 'snapshot-taken', snapshot: found.snapshot, rolesMac: found.rolesMac });
  }
  publisher.flush();
  return true;
}

async function goForward({ run, watch, publisher }: Parts): Promise<void> {
  for (const stage of run.sealed().plan.stages) {
    const known = run.state().stages.find(({ id }) => id === stage.id);
    if (known?.state === 'done') continue;
    assertForward(run);
    if (known?.state !== 'running') run.record({ type: 'stage-started', stageId: stage.id });
    run.showAttributes();
    const reason = await runStage(run, stage, watch, publisher.flush);
    assertForward(run);
    if (stage.kind === 'promote') watch.stop();
    run.record({ type: 'stage-done', stageId: stage.id, reason, verdicts: run.state().watch?.verdicts ?? [] });
  }
}

/** What ended the way forward, as a reason to turn back; anything that is no fault of the world is a bug and is thrown. */
function turnBack(run: Run, error: unknown): void {
  if (error instanceof TurnedBack || (isCancellation(error) && run.isGoingBack())) return;
  if (!isActivityFault(error)) throw error;
  const { code, message } = causeOf(error);
  const stage = run.state().stage;
  const known: Failure['code'] = code === 'CheckFailed' ? 'CheckFailed' : 'EffectFailed';
  run.turnBack({ code: known, reason: `${stage ?? 'preparing'}: ${message}` });
}

/** After promotion the old version gives its capacity back; that it cannot is told, and turns nothing back. */
async function retire({ run }: Parts): Promise<void> {
  const { service } = run.sealed().plan;
  const input = { permit: run.permit(), sealed: run.sealedEffect(`deploy/${service}`), service };
  try {
    await run.activities.effects.retireBaseline.executeWithOptions({ summary: 'stop the old version' }, [input]);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    run.notify(
      'incomplete',
      'retire',
      `The old version of ${service} is out of service but still runs: ${causeOf(error).message}`,
    );
  }
}

/** After promotion: roles are recorded, the old version stops, and contract waits in a workflow of its own. */
async function settle(parts: Parts): Promise<void> {
  const { run } = parts;
  const { plan, seal } = run.sealed();
  const permit = run.permit();
  const { service, environment, version } = plan;
  const role = { baseline: permit.roles.canary, version, release: seal.firstRunId };
  await run.activities.notices.recordRole.executeWithOptions(
    { summary: `${permit.roles.canary} is the baseline now` },
    [{ service, role }],
  );
  await retire(parts);
  if (plan.contract.length === 0) return;
  const input: ContractInput = { sealed: run.sealed(), permit, requestedBy: run.state().requestedBy };
  await startChild('contract', {
    args: [input],
    workflowId: contractWorkflowId(environment, service, seal.firstRunId),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `contract of ${service} ${version}`,
  });
}

async function end({ run, publisher, watch }: Parts, ending: Ending): Promise<ReleaseReport> {
  watch.stop();
  run.record({ type: 'ended', ending });
  run.showAttributes();
  run.notify(
    ending === 'Promoted' || ending === 'Refused' ? 'ended' : 'rollback',
    `ended/${ending}`,
    explain(run.state()).sentence,
  );
  await publisher.drain();
  await condition(allHandlersFinished);
  const report = reportOf(run.state());
  if (ending === 'Promoted') return report;
  throw ApplicationFailure.create({
    type: ending,
    nonRetryable: true,
    message: explain(run.state()).sentence,
    details: [report],
  });
}

/** Whether the history should begin anew, and nothing is under way that must not be cut. */
const mayContinue = (run: Run): boolean =>
  workflowInfo().continueAsNewSuggested &&
  run.isWaiting() &&
  run.state().splitLost === undefined &&
  allHandlersFinished();

async function continueRelease({ run, watch, publisher }: Parts, request: StartRequest): Promise<never> {
  const { workflowId, runId } = workflowInfo();
  const last = watch.isRunning() ? await run.activities.observe.readWatch({ workflowId, runId }) : null;
  return continueAsNew<typeof release>({
    request,
    carried: { ...publisher.carry(), ...(last === null ? {} : { watch: last }) },
  });
}

/** One release: it waits, calls and undoes; every choice is made in core. */
export async function release({ request, carried }: ReleaseInput): Promise<ReleaseReport> {
  const { environment } = lockOf(workflowInfo().workflowId);
  assertOwnState(carried);
  const requestedBy = typeof request?.requestedBy === 'string' ? request.requestedBy : 'unknown';
  const run = createRun(
    carried ?? { state: newRelease(requestedBy, Date.now()), seq: 0, unpublished: [], notices: [] },
    environment,
  );
  const publisher = createPublisher(run);
  const watch = createWatch(run, publisher.flush);
  const parts: Parts = { run, watch, publisher };
  let rollback: Rollback | undefined;
  openInbox(
    run,
    watch.hear,
    (decision) => rollback?.decide(decision),
    () => guardPause(run),
  );
  CancellationScope.current().cancelRequested.catch(() => {
    const tooLate = tooLateToTurn(run.state());
    if (tooLate !== undefined)
      run.record({ type: 'message-refused', message: 'cancel', by: 'temporal', reason: tooLate });
    else run.turnBack({ code: 'Aborted', reason: 'cancelled in Temporal', by: 'temporal' });
  });
  guardPause(run);

  return CancellationScope.nonCancellable(async () => {
    if (!(await prepareOrRefuse(parts, request))) return end(parts, 'Refused');
    const { stage } = run.state();
    if (carried?.watch !== undefined && stage !== undefined) watch.start(stage, carried.watch);
    const { forward } = await goForwardUntilTurned(parts, request);
    if (!run.isGoingBack()) {
      await settle(parts);
      return end(parts, 'Promoted');
    }
    const byPerson = run.state().failure?.code === 'Aborted';
    if (run.state().snapshot !== undefined) {
      rollback = createRollback(run, publisher.flush);
      run.showAttributes();
      await rollback.run(Promise.all([forward, watch.endRepair()]).then(() => undefined));
    }
    return end(parts, byPerson ? 'Aborted' : 'RolledBack');
  });
}

/** Nothing was changed yet: a target that cannot be looked at refuses the release instead of turning it back. */
async function prepareOrRefuse(parts: Parts, request: StartRequest): Promise<boolean> {
  const { run } = parts;
  try {
    return await prepare(parts, request);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    if (run.isGoingBack()) return true;
    const fix = 'Bring the target back (`spillway doctor` shows all of them), then start again.';
    run.record({
      type: 'refused',
      refusals: [{ code: 'target-refuses', kind: 'denied', message: causeOf(error).message, fix }],
    });
    return false;
  }
}

/** Runs the stages; comes back at once when the release turns back, with what is still under way (wrapped, so that nobody awaits it). */
async function goForwardUntilTurned(parts: Parts, request: StartRequest): Promise<{ readonly forward: Promise<void> }> {
  const { run } = parts;
  if (run.isGoingBack()) return { forward: Promise.resolve() };
  const scope = new CancellationScope({ cancellable: true });
  let isOver = false;
  let bug: { readonly error: unknown } | undefined;
  const forward = scope
    .run(() => goForward(parts))
    .catch((error: unknown) => {
      try {
        turnBack(run, error);
      } catch (found) {
        bug = { error: found };
      }
    })
    .finally(() => {
      isOver = true;
    });
  await condition(() => isOver || run.isGoingBack() || mayContinue(run));
  if (bug !== undefined) throw bug.error;
  if (!isOver && !run.isGoingBack()) {
    scope.cancel();
    await continueRelease(parts, request);
  }
  if (run.isGoingBack()) scope.cancel();
  else await forward;
  return { forward };
}
