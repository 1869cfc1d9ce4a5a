import { without } from '../../core/without';
import { beginStage, startEngine } from '../../core/analysis/engine';
import type { EngineState } from '../../core/analysis/types';
import type { Slots } from '../../core/plan/effects';
import type { ExposeStage } from '../../core/plan/stages';
import type { Split } from '../../ports/traffic';

/** What a watch must not lose when its process dies: plain data, carried by the heartbeat. */
export type WatchState = {
  readonly stageIndex: number;
  /** Whether the proxy has shown the stage's weight yet. */
  readonly isReached: boolean;
  readonly bakedMs: number;
  readonly engine: EngineState;
  /** Since when the evidence is not enough although the bake is served. */
  readonly inconclusiveSinceMs?: number;
  /** Since when a metric has been missing. */
  readonly missingSinceMs?: number;
};

export const newWatch = (stageIndex: number): WatchState => ({
  stageIndex,
  isReached: false,
  bakedMs: 0,
  engine: startEngine(),
});

/** Weights are whole steps at the proxy, so a share may be off by this much. */
const sharePoints = 0.2;

const isAt = (stage: ExposeStage, percent: number): boolean => Math.abs(stage.canaryPercent - percent) <= sharePoints;

export type SplitReading = 'as-wanted' | 'not-yet' | 'lost';

/**
 * Which stage the proxy shows. The watch follows the weights, not a message: what is read back is what users get.
 * A later stage's weight begins that stage; the weights of no stage mean that somebody or something lost them.
 */
export function followSplit(
  state: WatchState,
  stages: readonly ExposeStage[],
  roles: Slots,
  split: Split,
  elapsedMs: number,
): { readonly state: WatchState; readonly reading: SplitReading } {
  const canary = split[roles.canary];
  const percent = canary.state === 'ready' ? canary.weight : 0;
  const found = stages.findIndex((stage, index) => index >= state.stageIndex && isAt(stage, percent));
  const isLast = state.stageIndex === stages.length - 1;
  if (found === -1) {
    const isPromoted = isLast && split[roles.baseline].state === 'maint' && percent > 99;
    if (isPromoted) return { state: { ...state, bakedMs: state.bakedMs + elapsedMs }, reading: 'as-wanted' };
    return { state, reading: state.isReached ? 'lost' : 'not-yet' };
  }
  if (found === state.stageIndex && state.isReached)
    return { state: { ...state, bakedMs: state.bakedMs + elapsedMs }, reading: 'as-wanted' };
  return {
    state: {
      ...without(state, 'inconclusiveSinceMs'),
      stageIndex: found,
      isReached: true,
      bakedMs: 0,
      engine: beginStage(state.engine),
    },
    reading: 'as-wanted',
  };
}
