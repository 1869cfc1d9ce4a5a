import type { MetricRule } from '../plan/plan';
import type { EngineState, Verdict } from './types';

export type JudgedStage = {
  readonly minRequests: number;
  readonly isFull: boolean;
  /** Share of requests the plan gives the canary; tells a holdback from none. */
  readonly canaryPercent?: number;
};

/** One verdict a rule. */
export function judge(_state: EngineState, rules: readonly MetricRule[], _stage: JudgedStage): readonly Verdict[] {
  return rules.map(({ name, guardrail }) => ({
    metric: name,
    guardrail,
    value: 'inconclusive',
    reason: `${name}: not judged`,
  }));
}
