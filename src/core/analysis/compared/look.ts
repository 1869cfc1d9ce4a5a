import type { MetricRule } from '../../plan/plan';
import type { EngineState, Reading, Verdict } from '../types';
import type { Weights } from '../weigh-evidence';
import { judgeCompared } from './judge-compared';
import { isCompared } from './rule';
import { comparedHarm, comparedProof, stepCompared, type ComparedStates } from './state';

/**
 * Readings as a stage can use them. Where nobody uses the baseline any more its value says nothing, so the canary is held
 * against what the baseline's was in the stage before.
 */
export function settlePairs(
  readings: { readonly [metric: string]: Reading },
  before: ComparedStates | undefined,
  stage: { readonly canaryPercent: number },
): { readonly [metric: string]: Reading } {
  if (stage.canaryPercent < 100) return readings;
  const settled = Object.entries(readings).map(([name, reading]): readonly [string, Reading] => {
    if (reading.kind !== 'pair') return [name, reading];
    const frozen = before?.[name]?.frozen;
    const baseline = frozen ?? { reason: 'empty' as const, detail: 'no stage before had a baseline to compare with' };
    return [name, { ...reading, baseline }];
  });
  return Object.fromEntries(settled);
}

/** The states with what a look brought; values beside a silent baseline compare nothing. */
export function absorbCompared(
  before: ComparedStates,
  engine: EngineState,
  rules: readonly MetricRule[],
  look: {
    readonly atMs: number;
    readonly plannedMs: number;
    readonly isBaked: boolean;
    readonly isBaselineSilent: boolean;
  },
): ComparedStates {
  const after = { ...before };
  if (look.isBaselineSilent) return after;
  for (const rule of rules.filter(isCompared)) {
    const metric = engine.metrics[rule.name];
    if (metric?.pair === undefined || metric.lastGoodAtMs !== look.atMs) continue;
    after[rule.name] = stepCompared(before[rule.name], rule, metric.pair, look);
  }
  return after;
}

/** The evidence of each metric that has some; the classic judge weighs nothing over time. */
export const comparedWeights = (states: ComparedStates): Weights =>
  Object.fromEntries(
    Object.entries(states).flatMap(([name, state]) => {
      const harm = comparedHarm(state);
      return harm === undefined ? [] : [[name, { harm, proof: comparedProof(state) }] as const];
    }),
  );

/** The verdicts with what is known of compared values; missing data stays missing. */
export function withCompared(
  verdicts: readonly Verdict[],
  rules: readonly MetricRule[],
  states: ComparedStates,
  isBaked: boolean,
): readonly Verdict[] {
  const byName = new Map(rules.filter(isCompared).map((rule) => [rule.name, rule]));
  return verdicts.map((verdict) => {
    const rule = byName.get(verdict.metric);
    if (rule === undefined || verdict.missing !== undefined) return verdict;
    return { ...verdict, ...judgeCompared(rule, states[rule.name], isBaked) };
  });
}
