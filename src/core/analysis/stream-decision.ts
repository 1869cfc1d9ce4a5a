import { blame } from './e-bh';
import { metricWeights, type EngineLimits } from './limits';
import { chartRunLength } from './methods/charts';
import { countEvidence, moreEvents } from './methods/counts';
import { gaugeEvidence } from './methods/gauge';
import { knownRateEvidence } from './methods/known-rate';
import { latencyEvidence } from './methods/latency';
import type { Silence } from './methods/no-data';
import { safetyEvidence } from './methods/safety';
import { seasonEvidence } from './methods/season';
import { splitEvidence } from './methods/split';
import { logAdd } from './rounding';
import type { HoldCause, StreamDecision, StreamMeta } from './stream';
import { tailNotDoubled, type StreamState } from './stream-state';

export type Culprits = { readonly culprits: readonly string[] };

/** ln E of harm a metric. Errors beside no control are held against the control's record: half of their risk each. */
export function evidenceOf({ errors, latency, cpu }: StreamState): { readonly [metric: string]: number } {
  const known = knownRateEvidence(errors.known);
  const counts = countEvidence(errors.counts);
  return {
    errors: errors.known.mixture.spent > 0 ? logAdd(counts, known) - Math.LN2 : counts,
    latency: latencyEvidence(latency.buckets),
    cpu: gaugeEvidence(cpu),
  };
}

const weights: { readonly [metric: string]: number } = metricWeights;

/** ln Σ w E: an average of e-processes is one, whatever the metrics have to do with one another. */
const totalOf = (evidence: { readonly [metric: string]: number }): number =>
  Object.entries(evidence).reduce((sum, [metric, log]) => logAdd(sum, log + Math.log(weights[metric] ?? 1e-9)), -1_000);

const odds = (log: number): string => {
  const value = Math.exp(Math.min(log, 40));
  return value >= 1_000 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
};

/** Which proof of safety is still missing, and how far it is. */
function unproved(state: StreamState, limits: EngineLimits): string | undefined {
  const needed = -Math.log(limits.beta);
  const proofs: readonly (readonly [string, boolean, number])[] = [
    ['errors', true, safetyEvidence(state.errors.safe)],
    ['latency', state.seen.latency, countEvidence(state.latency.safe, tailNotDoubled)],
    ['cpu', state.seen.cpu, state.cpu.safe],
  ];
  const open = proofs.find(([, isAsked, log]) => isAsked && log < needed);
  return open === undefined
    ? undefined
    : `${open[0]}: not proved safe yet, evidence ${odds(open[2])} of ${odds(needed)}`;
}

/** What to do after a tick, worst news first: harm rolls back, doubt about the comparison holds, only proof advances. */
export function decideStream(
  state: StreamState,
  silence: Silence | undefined,
  meta: StreamMeta,
  limits: EngineLimits,
): StreamDecision & Culprits {
  const hold = (why: HoldCause, reason: string): StreamDecision & Culprits => ({
    action: 'hold',
    why,
    reason,
    culprits: [],
  });
  const placebo = countEvidence(state.placebo);
  const isPlacebo = placebo >= -Math.log(limits.alpha);
  const evidence = evidenceOf(state);
  const total = totalOf(evidence);
  if (total >= -Math.log(limits.alpha)) {
    const culprits = blame(evidence, limits.alpha);
    const [first] = Object.entries(evidence).sort(
      ([a, x], [b, y]) => y + Math.log(weights[b] ?? 1e-9) - x - Math.log(weights[a] ?? 1e-9),
    );
    const metric = first?.[0] ?? 'errors';
    return {
      action: 'roll-back',
      metric,
      reason: `${metric}: harm beyond the margin, evidence ${odds(total)} of ${odds(-Math.log(limits.alpha))} needed`,
      culprits: culprits.length > 0 ? culprits : [metric],
    };
  }
  if (state.season !== undefined && seasonEvidence(state.season) >= -Math.log(limits.alphaHold))
    return hold(
      'suspected',
      'harm suspected: more errors than the same hour of the week had, and no control beside them, so it only holds',
    );
  if (silence !== undefined && state.silentS >= limits.silentTicks * meta.tickS - 1e-6)
    return hold('no-data', `no data: ${silence} for ${Math.round(state.silentS)} s`);
  const split = splitEvidence(state.split);
  if (split.log >= -Math.log(limits.alphaSplit))
    return hold('split', `split: the canary gets ${split.way} requests than its share, so the comparison is not fair`);
  if (isPlacebo) return hold('placebo', 'placebo: two healthy arms differ, so the comparison is not sound');
  const gap = state.latencyGap;
  if (gap !== null && gap.lastsS >= limits.silentTicks * meta.tickS - 1e-6)
    return hold('no-data', `no data: ${gap.silence} for ${Math.round(gap.lastsS)} s`);
  if (chartRunLength(state.errors.chart, moreEvents) >= Math.log((limits.chartDays * 86_400) / meta.tickS))
    return hold(
      'chart',
      `chart: errors changed after the planned time; a false alarm comes once in ${limits.chartDays} days`,
    );
  if (total >= -Math.log(limits.alphaHold))
    return hold('suspected', `harm suspected: evidence ${odds(total)} of ${odds(-Math.log(limits.alpha))} needed`);
  const open = unproved(state, limits);
  return open === undefined
    ? { action: 'advance', reason: 'every guardrail was proved safe', culprits: [] }
    : hold('unproved', open);
}
