import { kept, logAdd } from '../rounding';

/** Evidence, in nats, for each way of being safe: sums of log-likelihood ratios against the share that must be excluded. */
export type SafetyState = readonly number[];

/** How far below the excluded share the canary may be, as parts of it. */
const parts = [0.1, 0.3, 0.6] as const;

export const startSafety = (): SafetyState => parts.map(() => 0);

/**
 * One tick of the proof that the canary's share of bad answers is below `excluded`: a Bernoulli mixture e-process, divided by
 * the dispersion. Without any error it takes ln(1 / β) / excluded requests.
 */
export function stepSafety(
  before: SafetyState,
  { total, bad }: { readonly total: number; readonly bad: number },
  excluded: number,
  dispersion: number,
): SafetyState {
  return before.map((sum, i) => {
    const share = excluded * (parts[i] ?? 1);
    const gain = bad * Math.log(share / excluded) + (total - bad) * Math.log((1 - share) / (1 - excluded));
    return kept(sum + gain / Math.max(1, dispersion));
  });
}

/** ln E that the share is below what was to be excluded. */
export const safetyEvidence = (state: SafetyState): number =>
  state.reduce((sum, gain) => logAdd(sum, gain - Math.log(parts.length)), -1_000);
