import { ApplicationFailure, CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { KeptSnapshot } from '../activities/permit';
import type { DriftRule } from '../core/drift/drift';
import type { SealedEffect } from '../core/plan/effects';
import type { Author, Permit } from '../core/plan/plan';
import type { EndedPlan } from '../core/release/reconcile-publication';
import { keepSchemas } from './ending/keep-schemas';
import { keepSettings } from './ending/keep-settings';
import { keepSplit } from './ending/keep-split';
import { createEndingNews } from './ending/news';
import { isActivityFault } from './faults';
import { connectActivities } from './retries';

/** What else an ending left than the split, and must read as it is. */
export type EndingLeft = {
  readonly rule: DriftRule;
  readonly kept: KeptSnapshot;
  /** Flags and configuration. */
  readonly settings: readonly SealedEffect[];
  /** Kill switches that a rollback left as somebody else threw them, as they were found. */
  readonly thrown?: { readonly [effect: string]: string };
  /** Parts of migrations that ran, or were undone. */
  readonly migrations: readonly SealedEffect[];
  /** Parts that a contract may run meanwhile. */
  readonly contract: readonly SealedEffect[];
};

export type ReconcileInput = {
  readonly permit: Permit;
  readonly author: Author;
  /** The exposure; left out where the release never touched the traffic. */
  readonly sealed?: SealedEffect;
  /** Left out where there is nothing, and by releases of older workers. */
  readonly left?: EndingLeft;
  readonly plan: EndedPlan;
  readonly isPromoted: boolean;
  /** First run id of the release, or of its recovery, that ended. */
  readonly endedBy: string;
};

/** `over`: ten minutes passed. `superseded`: a later release of the service has begun. */
export type ReconcileResult = { readonly ended: 'over' | 'superseded' | 'cancelled'; readonly differences: number };

type Guard = () => Promise<'superseded'>;

const guardMs = 600_000;
/**
 * Keeps what a release left for ten minutes past its ending: a worker that stood still may still write, a proxy may
 * restart, a hand may slip. Ends as soon as a later release of the service begins.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  const { permit, sealed, left, plan } = input;
  const { parent } = workflowInfo();
  if (parent?.workflowId !== permit.seal.workflowId)
    throw ApplicationFailure.nonRetryable(
      `This is started by the release it follows, ${permit.seal.workflowId}, when that ends. Nothing was changed.`,
      'Refused',
    );
  const { afterwards, undo, notices } = connectActivities(plan.environment);
  const startedAtMs = Date.now();
  const news = createEndingNews(input, notices, { startedAtMs, untilMs: startedAtMs + guardMs });
  const means = { afterwards, undo, news };
  const ended = await guardForTenMinutes([
    ...(sealed === undefined ? [] : [() => keepSplit(input, sealed, means)]),
    ...(left === undefined || left.settings.length === 0 ? [] : [() => keepSettings(input, left, means)]),
    ...(left === undefined || left.migrations.length === 0 ? [] : [() => keepSchemas(input, left, means)]),
  ]);
  await CancellationScope.nonCancellable(() => news.all());
  return { ended, differences: news.differences() };
}

/** Until the time is over, one of them learns of a later release, or none can go on. */
async function guardForTenMinutes(guards: readonly Guard[]): Promise<ReconcileResult['ended']> {
  const scope = new CancellationScope({ cancellable: true });
  let found: ReconcileResult['ended'] | undefined;
  let bug: { readonly error: unknown } | undefined;
  let left = guards.length;
  const begin = (guard: Guard): Promise<void> =>
    scope.run(guard).then(
      (result) => void (found ??= result),
      (error: unknown) => {
        if (isCancellation(error)) return;
        left -= 1;
        if (!isActivityFault(error)) bug = { error };
        // A watch that cannot go on, for its target is gone, is no reason to keep this open.
        else if (left === 0) found ??= 'over';
      },
    );
  const guarding = guards.map(begin);
  try {
    await condition(() => found !== undefined || bug !== undefined, guardMs, {
      summary: 'ten minutes past the ending',
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    found = 'cancelled';
  }
  scope.cancel();
  await Promise.all(guarding);
  if (bug !== undefined) throw bug.error;
  return found ?? 'over';
}
