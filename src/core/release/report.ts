import type { Verdict } from '../analysis/types';
import type { Proof } from './proof';
import type { Failure } from './events';
import { explain } from './explain';
import type { CompensationState, Phase, ReleaseState } from './state';
import { undoStatusOf } from './undo-status';

/** What a release came to: the result of its workflow, or the detail of its failure. Times in milliseconds. */
export type ReleaseReport = {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** First run id of the release, also where another run brought it to its end. */
  readonly release: string | null;
  readonly ending: Phase;
  readonly sentence: string;
  readonly planDigest: string | null;
  readonly tookMs: number;
  readonly stages: readonly { readonly id: string; readonly tookMs: number | null; readonly reason: string | null }[];
  readonly failure: (Failure & { readonly stage: string | null; readonly verdicts: readonly Verdict[] }) | null;
  /** From the decision to turn back to each verified undo. */
  readonly undone: readonly {
    readonly effect: string;
    readonly status: string;
    readonly afterMs: number | null;
    readonly detail: string | null;
  }[];
  readonly proof: Proof | null;
  /** Times in which evidence reached the store late; empty in most releases. */
  readonly gaps: ReleaseState['gaps'];
  readonly refusals: ReleaseState['refusals'];
};

const inOrder = (state: ReleaseState): [string, CompensationState][] =>
  Object.entries(state.compensations).sort(([, a], [, b]) => (a.endedAtMs ?? Infinity) - (b.endedAtMs ?? Infinity));

/** The report of a release that has ended. */
export function reportOf(state: ReleaseState): ReleaseReport {
  const { failure, sealed } = state;
  return {
    service: sealed?.plan.service ?? 'unknown',
    version: sealed?.plan.version ?? 'unknown',
    environment: sealed?.plan.environment ?? 'unknown',
    release: sealed?.seal.firstRunId ?? null,
    ending: state.phase,
    sentence: explain(state).sentence,
    planDigest: sealed?.seal.planDigest ?? null,
    tookMs: (state.endedAtMs ?? state.startedAtMs) - state.startedAtMs,
    stages: state.stages.map(({ id, startedAtMs, endedAtMs, reason }) => ({
      id,
      tookMs: startedAtMs === undefined || endedAtMs === undefined ? null : endedAtMs - startedAtMs,
      reason: reason ?? null,
    })),
    failure:
      failure === undefined
        ? null
        : {
            code: failure.code,
            reason: failure.reason,
            stage: failure.stage ?? null,
            verdicts: failure.verdicts,
            ...(failure.by === undefined ? {} : { by: failure.by }),
            ...(failure.metric === undefined ? {} : { metric: failure.metric }),
          },
    undone: inOrder(state).map(([effect, undo]) => ({
      effect,
      status: undoStatusOf(undo),
      afterMs: undo.endedAtMs === undefined || failure === undefined ? null : undo.endedAtMs - failure.atMs,
      detail: undo.detail ?? null,
    })),
    proof: state.proof ?? null,
    gaps: state.gaps,
    refusals: state.refusals,
  };
}
