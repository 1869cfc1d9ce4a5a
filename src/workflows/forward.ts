import { CancellationScope, condition, isCancellation, allHandlersFinished } from '@temporalio/workflow';
import type { Stage } from '../core/plan/stages';
import type { Failure } from '../core/release/events';
import { isDraining } from '../core/release/way-back';
import { causeOf, isActivityFault } from './faults';
import { isFlooded, isHistoryLong } from './history-length';
import type { Parts } from './parts';
import type { Run } from './run';
import { runStage } from './stages';
import { assertForward, TurnedBack } from './wait';

// Each upsert is an event of the history, and these stages are over in a moment.
const isWorthShowing = ({ kind }: Stage): boolean => kind !== 'check' && kind !== 'verify' && kind !== 'promote';

async function goForward({ run, watch, drift, publisher }: Parts): Promise<void> {
  drift.follow();
  for (const stage of run.sealed().plan.stages) {
    const known = run.state().stages.find(({ id }) => id === stage.id);
    if (known?.state === 'done') continue;
    assertForward(run);
    if (known?.state !== 'running') run.record({ type: 'stage-started', stageId: stage.id });
    if (isWorthShowing(stage)) run.showAttributes();
    const resting = drift.rest(stage);
    if (resting !== undefined) await resting;
    const reason = await runStage(run, stage, watch, publisher.flush);
    assertForward(run);
    if (stage.kind === 'apply') drift.follow();
    run.record({ type: 'stage-done', stageId: stage.id, reason, verdicts: run.state().watch?.verdicts ?? [] });
  }
}

/** What ended the way forward, as a reason to turn back; anything that is no fault of the world is a bug and is thrown. */
function turnBack(run: Run, error: unknown): void {
  if (error instanceof TurnedBack || (isCancellation(error) && run.isGoingBack())) return;
  if (!isActivityFault(error)) throw error;
  const { code, message } = causeOf(error);
  const stage = run.state().stage;
  const known: Failure['code'] = code === 'CheckFailed' || code === 'LeaseExpired' ? code : 'EffectFailed';
  run.turnBack({ code: known, reason: `${stage ?? 'preparing'}: ${message}` });
}

const floodReason =
  'it was sent so many or so large messages that Temporal would have ended it, and users with it where they were; find out who sends them';

/** Whether the history should begin anew, and nothing is under way that must not be cut. */
const mayContinue = ({ run, drift }: Parts): boolean =>
  isHistoryLong() &&
  run.isWaiting() &&
  run.state().splitLost === undefined &&
  !drift.isRepairing() &&
  allHandlersFinished();

/** How the way forward came to its end; `forward` is what may still be under way, and rejects for a bug. */
export type Outcome = {
  readonly kind: 'promoted' | 'turned-back' | 'continue';
  readonly forward: Promise<void>;
};

/** Runs the stages; comes back at once when the release turns back or its history should begin anew. */
export async function goForwardUntilTurned(parts: Parts): Promise<Outcome> {
  const { run, watch } = parts;
  if (run.isGoingBack()) return { kind: 'turned-back', forward: Promise.resolve() };
  const scope = new CancellationScope({ cancellable: true });
  let isOver = false;
  let isContinuing = false;
  const forward = scope
    .run(() => goForward(parts))
    .catch((error: unknown) => {
      // What a new run cuts short is no fault: the next run goes on from there.
      if (!(isContinuing && isCancellation(error))) turnBack(run, error);
    })
    .finally(() => {
      isOver = true;
    });
  await Promise.race([forward, condition(() => isOver || run.isGoingBack() || mayContinue(parts) || isFlooded())]);
  // Users are brought to safety while there still is a release that can do it.
  if (!isOver && isFlooded()) run.turnBack({ code: 'Flooded', reason: floodReason });
  if (run.isGoingBack()) {
    scope.cancel();
    if (!isDraining(run.state())) watch.stop();
    return { kind: 'turned-back', forward };
  }
  if (isOver) return { kind: 'promoted', forward };
  isContinuing = true;
  scope.cancel();
  return { kind: 'continue', forward };
}
