import type { MetricRule } from '../plan/plan';
import { blame } from './e-bh';
import { isShareRule } from '../plan/share-rule';
import type { LiveEvidence } from './live-evidence';
import { harmEvidence, proofEvidence } from './methods/against-limit';
import { intervalOf } from './methods/interval';
import { engineAlpha, type RiskRule } from './risk';
import { logAdd } from './rounding';
import type { Verdict } from './types';

/** What the release's evidence says of one metric, in nats: that it is harmed, and that it keeps its limit. */
type Weight = {
  readonly harm: number;
  readonly proof: number;
  readonly interval?: { readonly low: number; readonly high: number | null };
};
export type Weights = { readonly [metric: string]: Weight };

export const weightsOf = (evidence: LiveEvidence, { beta }: RiskRule): Weights =>
  Object.fromEntries(
    Object.entries(evidence).map(([name, state]) => {
      const { low, high } = intervalOf(state.interval, beta);
      return [name, { harm: harmEvidence(state), proof: proofEvidence(state), interval: { low, high } }] as const;
    }),
  );

export type Weighing = {
  readonly weights: Weights;
  readonly rules: readonly MetricRule[];
  readonly risk: RiskRule;
  /** Whether a pass is to be proved, or the requests that the stage asks for are enough. */
  readonly needsProof: boolean;
};

/** Evidence is told as a number, and JSON has no infinity. */
const mostTold = 1e12;
const told = (log: number): number => Number(Math.min(mostTold, Math.exp(log)).toPrecision(3));

/** What has evidence over time: plain values have none, and the classic judge looks once. */
const isWeighed = (rule: MetricRule): boolean =>
  isShareRule(rule) || (rule.kind === 'compared' && rule.method === 'evidence');

/** Guardrails share the risk evenly; a metric that only holds has a risk of its own. */
function culpritsOf({ weights, rules, risk }: Weighing): ReadonlySet<string> {
  const alpha = engineAlpha(risk);
  // A metric that nothing was read of yet has its part of the risk from the start, or those before it would have spent it.
  const logs = rules
    .filter(isWeighed)
    .map(({ name, guardrail }) => ({ name, guardrail, log: weights[name]?.harm ?? 0 }));
  const guardrails = logs.filter(({ guardrail }) => guardrail);
  const others = logs.filter(({ guardrail, log }) => !guardrail && log >= -Math.log(alpha));
  const names = new Set(others.map(({ name }) => name));
  // An average of e-processes is one, whatever the metrics have to do with one another.
  const total = guardrails.reduce((sum, { log }) => logAdd(sum, log - Math.log(guardrails.length)), -1_000);
  if (guardrails.length === 0 || total < -Math.log(alpha)) return names;
  const blamed = blame(Object.fromEntries(guardrails.map(({ name, log }) => [name, log] as const)), alpha);
  const [worst] = [...guardrails].sort((a, b) => b.log - a.log);
  for (const name of blamed.length > 0 || worst === undefined ? blamed : [worst.name]) names.add(name);
  return names;
}

/**
 * Verdicts with the evidence of the whole release: harm beyond a limit fails a metric although no single window showed it, and
 * where proof is asked nothing passes without it. Missing data stays missing.
 */
export function weighEvidence(verdicts: readonly Verdict[], weighing: Weighing): readonly Verdict[] {
  const { weights, rules, risk, needsProof } = weighing;
  const culprits = culpritsOf(weighing);
  const guardrails = rules.filter((rule) => rule.guardrail && isWeighed(rule)).length;
  return verdicts.map((verdict) => {
    const weight = weights[verdict.metric];
    if (weight === undefined || verdict.missing !== undefined) return verdict;
    const needed = Math.round((verdict.guardrail ? guardrails : 1) / engineAlpha(risk));
    const harm = told(weight.harm);
    const interval =
      verdict.baseline === undefined || weight.interval === undefined ? {} : { interval: weight.interval };
    const weighed = { ...verdict, evidence: harm, evidenceNeeded: needed, ...interval };
    if (verdict.value !== 'fail' && culprits.has(verdict.metric))
      return {
        ...weighed,
        value: 'fail',
        reason: `${verdict.reason}; beyond the limit over the whole release, evidence ${harm} of ${needed} needed`,
      };
    const { proof } = weight;
    if (verdict.value === 'fail' || !needsProof || proof >= -Math.log(risk.beta)) return weighed;
    const missing = `evidence ${told(proof)} of ${Math.round(1 / risk.beta)} needed`;
    return {
      ...weighed,
      value: 'inconclusive',
      reason: `${verdict.reason}; not proved within the limit yet, ${missing}`,
    };
  });
}
