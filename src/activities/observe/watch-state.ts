import { without } from '../../core/without';
import type { BudgetState } from '../../core/analysis/budget/budget';
import type { BaselineMemory } from '../../core/analysis/baseline';
import { beginStage, startEngine } from '../../core/analysis/engine';
import { beginCompared, type ComparedStates } from '../../core/analysis/compared/state';
import type { EngineState } from '../../core/analysis/types';
import type { WatchedSplit } from '../../core/analysis/watched-split';
import { beginEvidence, type LiveEvidence } from '../../core/analysis/live-evidence';
import { isSameMembers, membersOf, type Members } from '../../core/cohorts/members';
import type { Slots } from '../../core/plan/effects';
import type { ExposeStage } from '../../core/plan/stages';
import type { Split } from '../../ports/traffic';
import { exposureOf } from '../splits';

/** What a watch must not lose when its process dies: plain data, carried by the heartbeat. */
export type WatchState = {
  readonly stageIndex: number;
  /** Whether the proxy has shown the stage's weight yet. */
  readonly isReached: boolean;
  readonly bakedMs: number;
  readonly engine: EngineState;
  /** The evidence of the whole release; absent in the state of an older worker. */
  readonly evidence?: LiveEvidence;
  /** The evidence about metrics whose values are compared. */
  readonly compared?: ComparedStates;
  /** Whether this stage's traffic is split as it was set. */
  readonly split?: WatchedSplit;
  /** Since when the evidence is not enough although the bake is served. */
  readonly inconclusiveSinceMs?: number;
  /** Since when a metric has been missing. */
  readonly missingSinceMs?: number;
  /** The proxy's processes when it last showed the stage's weight. */
  readonly processes?: string;
  /** Since when the canary has been taken from the users at the proxy itself. */
  readonly takenOutSinceMs?: number;
  /** When the baseline last answered, and how. */
  readonly baseline?: BaselineMemory;
  /** What the release has spent of its budgets. */
  readonly budget?: BudgetState;
};

export const newWatch = (stageIndex: number): WatchState => ({
  stageIndex,
  isReached: false,
  bakedMs: 0,
  engine: startEngine(),
});

/** Weights are whole steps at the proxy, so a share may be off by this much. */
const sharePoints = 0.2;

/** What the proxy shows of the canary; a slot that is not ready serves nobody. */
type Shown = { readonly percent: number; readonly members: Members };

const shownOf = ({ members = {}, ...split }: Split, { canary }: Slots): Shown =>
  split[canary].state === 'ready' ? { percent: split[canary].weight, members } : { percent: 0, members: {} };

const isAt = ({ canaryPercent, cohorts = [] }: ExposeStage, { percent, members }: Shown, roles: Slots): boolean =>
  Math.abs(canaryPercent - percent) <= sharePoints && isSameMembers(members, membersOf(cohorts, roles));

/**
 * `lost`: a restart or another hand took the weights, and they are set again. `too-far`: a later stage's weight, which nobody
 * is known to have begun. `taken-out`: the canary was taken from the users at the proxy itself, on purpose.
 */
export type SplitReading = 'as-wanted' | 'not-yet' | 'lost' | 'too-far' | 'taken-out';

export type SeenSplit = {
  readonly split: Split;
  readonly processes: string;
  /** The last exposure that the release is known to have begun. */
  readonly begunIndex: number;
};

const readingOf = (
  state: WatchState,
  { split, processes }: SeenSplit,
  roles: Slots,
  stage: ExposeStage | undefined,
): SplitReading => {
  if (!state.isReached) return 'not-yet';
  // A weight of 0 is what cohorts alone are exposed with: then it is the map that was lost.
  const isByWeight = stage === undefined || stage.canaryPercent > 0;
  const isDark = split[roles.canary].state !== 'ready' || (isByWeight && exposureOf(split, roles) === 0);
  return isDark && state.processes === processes ? 'taken-out' : 'lost';
};

/**
 * Which stage the proxy shows. The watch follows the weights, not a message: what is read back is what users get.
 * The weight of a later stage that was begun begins it here; the weights of no stage mean that somebody or something changed them.
 */
export function followSplit(
  state: WatchState,
  stages: readonly ExposeStage[],
  roles: Slots,
  seen: SeenSplit,
  elapsedMs: number,
): { readonly state: WatchState; readonly reading: SplitReading } {
  const { split, processes, begunIndex } = seen;
  const shown = shownOf(split, roles);
  const found = stages.findIndex((stage, index) => index >= state.stageIndex && isAt(stage, shown, roles));
  const isLast = state.stageIndex === stages.length - 1;
  const baking = { ...state, processes, bakedMs: state.bakedMs + elapsedMs };
  if (found === -1) {
    const isPromoted = isLast && split[roles.baseline].state === 'maint' && shown.percent > 99;
    return isPromoted
      ? { state: baking, reading: 'as-wanted' }
      : { state, reading: readingOf(state, seen, roles, stages[state.stageIndex]) };
  }
  if (found === state.stageIndex && state.isReached) return { state: baking, reading: 'as-wanted' };
  if (found > Math.max(state.stageIndex, begunIndex)) return { state, reading: 'too-far' };
  return {
    state: {
      ...without(without(state, 'inconclusiveSinceMs'), 'split'),
      stageIndex: found,
      isReached: true,
      processes,
      bakedMs: 0,
      engine: beginStage(state.engine),
      ...(state.evidence === undefined ? {} : { evidence: beginEvidence(state.evidence) }),
      ...(state.compared === undefined ? {} : { compared: beginCompared(state.compared) }),
    },
    reading: 'as-wanted',
  };
}
