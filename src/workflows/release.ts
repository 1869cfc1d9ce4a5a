import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { WatchState } from '../activities/observe/watch-state';
import { tooLateToTurn } from '../core/release/admit';
import type { Ending } from '../core/release/events';
import { beforeLoss } from '../core/release/before-loss';
import { explain } from '../core/release/explain';
import type { RecoverRequest, StartRequest } from '../core/release/messages';
import { reportOf, type ReleaseReport } from '../core/release/report';
import { newRelease } from '../core/release/state';
import { isDraining } from '../core/release/way-back';
import { emptyBacklog } from './backlog';
import { createDriftWatch } from './drift-watch';
import { isActivityFault } from './faults';
import { goForwardUntilTurned } from './forward';
import { untilDoneOrLong } from './history-length';
import { guardEnding } from './guard-ending';
import { openInbox } from './inbox';
import { lockOf } from './lock';
import type { Parts } from './parts';
import { guardPause } from './pause';
import { prepareOrRefuse } from './prepare';
import { answerPreviews } from './preview';
import { createPublisher, type Publisher } from './publisher';
import { isRecovery, recoverOrRefuse, withoutBundle } from './recover';
import { isCopy, turnBackAfterReset } from './reset';
import { createRollback } from './rollback';
import { createRun, type Carried } from './run';
import { settle } from './settle';
import { createWatch } from './watch';

const longestLookMs = 3_000;

export type ReleaseInput = {
  readonly request: StartRequest | RecoverRequest;
  readonly carried?: Carried & { readonly isWatched?: boolean; readonly watch?: WatchState };
};

/** Only a run that goes on from this very release brings a state; one that was started with it is a forgery. */
function assertOwnState(carried: ReleaseInput['carried']): void {
  if (carried === undefined) return;
  const { continuedFromExecutionRunId, firstExecutionRunId } = workflowInfo();
  // Workers check the grant of a recovery before they do anything for it.
  const owner = carried.state.grant?.firstRunId ?? carried.state.sealed?.seal.firstRunId;
  if (continuedFromExecutionRunId !== undefined && owner === firstExecutionRunId) return;
  throw ApplicationFailure.nonRetryable(
    'The release was started with a state of its own instead of a bundle. Nothing was changed; start it by `spillway start`.',
    'Refused',
  );
}

async function end(parts: Parts, request: StartRequest | RecoverRequest, ending: Ending): Promise<ReleaseReport> {
  const { run, watch } = parts;
  // A promoted release ends its watch by ending, without an event for it.
  if (ending !== 'Promoted') watch.stop();
  run.record({ type: 'ended', ending });
  run.showAttributes();
  run.notify(
    ending === 'Promoted' || ending === 'Refused' ? 'ended' : 'rollback',
    `ended/${ending}`,
    explain(run.state()).sentence,
  );
  return finish(parts, request, guardEnding(run));
}

/** What has ended closes when the store has it all, be that days later. */
async function finish(
  parts: Parts,
  request: StartRequest | RecoverRequest,
  guarded?: Promise<void>,
): Promise<ReleaseReport> {
  const { run, publisher } = parts;
  // A publication may be cut: it is written again, and the store knows what it has.
  if ((await untilDoneOrLong(publisher.drain(), () => true)) === 'continue') {
    // A child whose start was not waited for is never started where its parent closes first.
    if (patched('guard-before-new-run')) await guarded;
    return continueRelease(parts, request);
  }
  await guarded;
  await condition(allHandlersFinished);
  const report = reportOf(run.state());
  if (run.state().phase === 'Promoted') return report;
  throw ApplicationFailure.create({
    type: run.state().phase,
    nonRetryable: true,
    message: explain(run.state()).sentence,
    details: [report],
  });
}

function nothingFrom(error: unknown): null {
  if (!isActivityFault(error)) throw error;
  return null;
}

async function continueRelease(
  { run, watch, publisher, isReleaseKnown }: Parts,
  request: StartRequest | RecoverRequest,
): Promise<never> {
  const { workflowId, runId } = workflowInfo();
  const isWatched = watch.isRunning() && (tooLateToTurn(run.state()) === undefined || isDraining(run.state()));
  // A watch that cannot be asked begins anew: it finds its stage by the weights. An abort does not wait for its answer.
  const last = isWatched
    ? await Promise.race([
        run.activities.observe.readWatch({ workflowId, runId }).catch(nothingFrom),
        condition(() => run.isGoingBack() && !isDraining(run.state()), longestLookMs).then(() => null),
      ])
    : null;
  // The next run is no copy any more: nothing but its state would tell it that it must not go forward.
  if (!isReleaseKnown()) await condition(isReleaseKnown);
  const goesOn = isWatched && (!run.isGoingBack() || isDraining(run.state()));
  const carried = publisher.carry();
  // A repair of the split that began meanwhile ends with this run.
  const state = run.isGoingBack() ? carried.state : beforeLoss(carried.state);
  return continueAsNew<typeof release>({
    request: withoutBundle(request),
    carried: { ...carried, state, isWatched: goesOn, ...(last === null ? {} : { watch: last }) },
  });
}

/** One release: it waits, calls and undoes; every choice is made in core. */
export async function release({ request, carried }: ReleaseInput): Promise<ReleaseReport> {
  const { environment } = lockOf(workflowInfo().workflowId);
  assertOwnState(carried);
  const requestedBy = typeof request?.requestedBy === 'string' ? request.requestedBy : 'unknown';
  const begun = newRelease(requestedBy, Date.now());
  // An abort that came first once ended a recovery before it had taken anything back.
  const mustSearch = carried === undefined && isRecovery(request) && patched('recovery-first');
  const state = mustSearch ? { ...begun, isSearching: true } : begun;
  const run = createRun(carried ?? { ...emptyBacklog, state }, environment, () => publisher.flush());
  const publisher: Publisher = createPublisher(run);
  const watch = createWatch(run, publisher.flush);
  const drift = createDriftWatch(run, publisher.flush);
  let isReleaseKnown = !isCopy();
  const parts: Parts = { run, watch, drift, publisher, isReleaseKnown: () => isReleaseKnown };
  openInbox(run, watch.hear, () => guardPause(run));
  answerPreviews(run);
  CancellationScope.current().cancelRequested.catch(() => {
    const reason = 'cancelled in Temporal';
    const tooLate = tooLateToTurn(run.state());
    if (tooLate === undefined) run.turnBack({ code: 'Aborted', reason, by: 'temporal' });
    else if (!run.escalate(reason, 'temporal'))
      run.record({ type: 'message-refused', message: 'cancel', by: 'temporal', reason: tooLate });
  });
  guardPause(run);

  return CancellationScope.nonCancellable(() =>
    isCopy() ? Promise.race([proceed(), turnBackAfterReset(parts, () => (isReleaseKnown = true))]) : proceed(),
  );

  async function proceed(): Promise<ReleaseReport> {
    if (run.state().endedAtMs !== undefined) return finish(parts, request);
    const isPrepared = isRecovery(request)
      ? run.isGoingBack() || (await recoverOrRefuse(parts, request))
      : await prepareOrRefuse(parts, request);
    if (!isPrepared) return end(parts, request, 'Refused');
    const { stage } = run.state();
    if (carried?.isWatched === true && stage !== undefined) watch.start(stage, carried.watch);
    const { kind, forward } = await goForwardUntilTurned(parts);
    if (kind === 'continue') return continueRelease(parts, request);
    if (kind === 'promoted') {
      await drift.end();
      if ((await untilDoneOrLong(settle(parts), run.isWaiting)) === 'continue') return continueRelease(parts, request);
      return end(parts, request, 'Promoted');
    }
    const byPerson = run.state().failure?.code === 'Aborted';
    if (run.state().snapshot !== undefined) {
      // Whoever is led back step by step is guarded to the last step; else the lease of the exposure is not renewed.
      void condition(() => !isDraining(run.state())).then(() => watch.stop());
      const rollback = createRollback(run, publisher.flush);
      run.showAttributes();
      const undone = rollback.run(Promise.all([forward, watch.endRepair(), drift.end()]).then(() => undefined));
      if ((await untilDoneOrLong(undone, rollback.isWaiting)) === 'continue') return continueRelease(parts, request);
    }
    return end(parts, request, byPerson ? 'Aborted' : 'RolledBack');
  }
}
