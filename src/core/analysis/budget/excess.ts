import type { Tally } from '../types';

/**
 * Bad answers of the canary beyond those it would have had with the share of the baseline beside it; without any
 * request to the baseline, beyond the share that the promise allows. Never below 0. A bound of harm, not a test.
 */
export function excessErrors({ baseline, canary }: Tally, allowedShare: number): number {
  const share = baseline.total > 0 ? Math.min(1, baseline.bad / baseline.total) : allowedShare;
  return Math.max(0, canary.bad - share * canary.total);
}
