import type { Decision, Verdict, WatchView } from '../../core/analysis/types';
import type { ExposeStage } from '../../core/plan/stages';
import type { Tick, WatchRules } from './watch';
import type { WatchState } from './watch-state';

/** What a person sees of a look. */
export function viewOf(
  state: WatchState,
  rules: WatchRules,
  stage: ExposeStage,
  tick: Tick,
  verdicts: readonly Verdict[],
  decision: Decision,
): WatchView {
  const split = tick.proxy.kind === 'read' ? tick.proxy.traffic.split : undefined;
  const proxyMetric = rules.metrics.find(({ kind }) => kind === 'proxy-errors')?.name;
  const whole = proxyMetric === undefined ? undefined : state.engine.metrics[proxyMetric]?.whole.canary;
  return {
    stageId: stage.id,
    atMs: tick.atMs,
    canaryPercentWanted: stage.canaryPercent,
    ...(split === undefined ? {} : { canaryPercentObserved: split[rules.roles.canary].weight }),
    bakedMs: state.bakedMs,
    bakeMs: stage.bakeMs,
    verdicts,
    decision,
    canaryRequests: whole?.total ?? 0,
    canaryBad: whole?.bad ?? 0,
  };
}
