import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { SealedEffect } from '../core/plan/effects';
import type { Author, Permit } from '../core/plan/plan';
import {
  explainDrift,
  reconcilePublication,
  type EndedPlan,
  type ReconcileFact,
} from '../core/release/reconcile-publication';
import { causeOf, isActivityFault } from './faults';
import { connectActivities } from './retries';

export type ReconcileInput = {
  readonly permit: Permit;
  readonly author: Author;
  readonly sealed: SealedEffect;
  readonly plan: EndedPlan;
  readonly isPromoted: boolean;
  /** First run id of the release, or of its recovery, that ended. */
  readonly endedBy: string;
};

/** `over`: ten minutes passed. `superseded`: a later release of the service has begun. */
export type ReconcileResult = { readonly ended: 'over' | 'superseded' | 'cancelled'; readonly differences: number };

const guardMs = 600_000;
/** The first differences are set back at once; then every repair waits twice as long as the one before. */
const quickRepairs = 3;
const firstPauseMs = 5_000;

const pauseAfter = (differences: number): number =>
  differences < quickRepairs ? 0 : firstPauseMs * 2 ** (differences - quickRepairs);

/**
 * Keeps what a release left at the proxy for ten minutes past its ending: a worker that stood still may still write, a proxy
 * may restart, a hand may slip. Ends as soon as a later release of the service begins.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  const { permit, author, sealed, plan, isPromoted } = input;
  const { parent, workflowId } = workflowInfo();
  if (parent?.workflowId !== permit.seal.workflowId)
    throw ApplicationFailure.nonRetryable(
      `This is started by the release it follows, ${permit.seal.workflowId}, when that ends. Nothing was changed.`,
      'Refused',
    );
  const { afterwards, undo, notices } = connectActivities(plan.environment);
  const startedAtMs = Date.now();
  const untilMs = startedAtMs + guardMs;
  const told: Promise<void>[] = [];
  let differences = 0;

  async function repair(observed: string, wanted: string): Promise<boolean> {
    let fault: string | undefined;
    try {
      const outcome = await CancellationScope.nonCancellable(() =>
        undo.restoreEnding.executeWithOptions({ summary: `set traffic back: ${wanted}` }, [input]),
      );
      if (outcome === 'superseded') return false;
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      fault = causeOf(error).message;
    }
    differences += 1;
    const fact = {
      plan,
      seal: permit.seal,
      workflowId,
      startedAtMs,
      untilMs,
      isPromoted,
      observed,
      wanted,
      seq: differences,
      atMs: Date.now(),
      ...(fault === undefined ? {} : { fault }),
    };
    setCurrentDetails(`**${explainDrift(fact)}**`);
    told.push(publish(fact, Promise.all(told)));
    return true;
  }

  async function publish(fact: ReconcileFact, earlier: Promise<unknown>): Promise<void> {
    await earlier;
    try {
      await CancellationScope.nonCancellable(() =>
        notices.publish.executeWithOptions({ summary: `difference ${fact.seq}` }, [
          { author, publication: reconcilePublication(fact) },
        ]),
      );
    } catch (error) {
      // The history has it all; a store that refuses must not keep this open.
      if (!isActivityFault(error)) throw error;
    }
  }

  async function guard(): Promise<'superseded'> {
    for (;;) {
      const seen = await afterwards.watchEnding.executeWithOptions({ summary: `watch the split of ${plan.service}` }, [
        { permit, sealed, isPromoted, endedBy: input.endedBy },
      ]);
      if (seen.kind === 'superseded' || !(await repair(seen.observed, seen.wanted))) return 'superseded';
      const pauseMs = pauseAfter(differences);
      if (pauseMs > 0) await sleep(pauseMs, { summary: 'something else writes weights too' });
    }
  }

  const ended = await guardForTenMinutes(guard);
  await CancellationScope.nonCancellable(() => Promise.all(told));
  return { ended, differences };
}

async function guardForTenMinutes(guard: () => Promise<'superseded'>): Promise<ReconcileResult['ended']> {
  const scope = new CancellationScope({ cancellable: true });
  let found: ReconcileResult['ended'] | undefined;
  let bug: { readonly error: unknown } | undefined;
  const guarding = scope.run(guard).then(
    (result) => (found = result),
    (error: unknown) => {
      if (isCancellation(error)) return;
      // A watch that cannot go on, for its target is gone, is no reason to keep this open.
      if (isActivityFault(error)) found = 'over';
      else bug = { error };
    },
  );
  try {
    await condition(() => found !== undefined || bug !== undefined, guardMs, {
      summary: 'ten minutes past the ending',
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    found = 'cancelled';
  }
  scope.cancel();
  await guarding;
  if (bug !== undefined) throw bug.error;
  return found ?? 'over';
}
