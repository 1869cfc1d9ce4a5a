import { kept, logAdd } from '../rounding';

/**
 * Evidence for several alternatives at once, in nats: the sum since the start, and the mixture over every tick since at which
 * the harm may have begun. `spent` is the part of the prior for late beginnings that has been given out.
 */
export type Mixture = { readonly start: readonly number[]; readonly late: readonly number[]; readonly spent: number };

/** The share of the prior that says the harm was there from the start; finding late harm costs ln(1 / 0.2) more. */
const startShare = 0.8;
/** Stands for ln 0, which JSON cannot hold. */
const none = -1_000;
/** What remains of the prior for beginnings after the planned time, so that a window of days still finds them. */
const beyondShare = 0.1;

export const startMixture = (alternatives: number): Mixture => ({
  start: Array.from({ length: alternatives }, () => 0),
  late: Array.from({ length: alternatives }, () => none),
  spent: 0,
});

/**
 * The prior chance that harm which does not start with the canary has begun by `atS` seconds: even over the planned time, and
 * falling like 1 / t² beyond it.
 */
export function onsetBy(atS: number, plannedS: number): number {
  const planned = Math.max(1, plannedS);
  return atS <= planned ? ((1 - beyondShare) * atS) / planned : 1 - (beyondShare * planned) / atS;
}

/** One tick: `gains` are the log-likelihood ratios of the alternatives, `onset` the prior chance that harm begins in this tick. */
export function stepMixture(before: Mixture, gains: readonly number[], onset: number): Mixture {
  const share = Math.max(0, Math.min(onset, 1 - before.spent));
  const logShare = share > 0 ? Math.log(share) : none;
  return {
    start: before.start.map((sum, j) => kept(sum + (gains[j] ?? 0))),
    late: before.late.map((sum, j) => kept(logAdd(sum, logShare) + (gains[j] ?? 0))),
    spent: kept(before.spent + share),
  };
}

/** ln E of the whole mixture; E starts at 1 and exceeds 1/α with a chance of at most α where there is no harm. */
export function logEvidence(mixture: Mixture, weights: readonly number[]): number {
  const rest = Math.max(0, 1 - mixture.spent);
  let top = 0;
  for (let j = 0; j < weights.length; j += 1) top = Math.max(top, mixture.start[j] ?? 0, mixture.late[j] ?? 0);
  const untouched = rest * Math.exp(-top);
  let sum = 0;
  for (let j = 0; j < weights.length; j += 1) {
    const late = Math.exp((mixture.late[j] ?? none) - top) + untouched;
    sum += (weights[j] ?? 0) * (startShare * Math.exp((mixture.start[j] ?? 0) - top) + (1 - startShare) * late);
  }
  return kept(sum > 0 ? top + Math.log(sum) : none);
}
