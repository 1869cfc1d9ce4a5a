import { kept, logAdd } from '../rounding';
import type { Pair } from './dispersion';

/** Log-likelihoods of the ratios of the grid, relative to ratio 1. */
export type IntervalState = readonly number[];

const lowest = 1 / 32;
const perStep = 2 ** (1 / 3);
const points = 34;
const ratios = Array.from({ length: points }, (_, i) => lowest * perStep ** i);
const mostGain = 500;

export const startInterval = (): IntervalState => ratios.map(() => 0);

/** One tick of the confidence sequence of the ratio canary to control, from counts given their totals. */
export function stepInterval(before: IntervalState, pair: Pair, dispersion: number): IntervalState {
  const { canaryBad, controlBad, canary, control } = pair;
  if (canaryBad + controlBad === 0 || canary <= 0 || control <= 0) return before;
  const q1 = canary / (canary + control);
  return before.map((sum, i) => {
    const exposure = canary * (ratios[i] ?? 1);
    const q = exposure / (exposure + control);
    const gain = canaryBad * Math.log(q / q1) + controlBad * Math.log((1 - q) / (1 - q1));
    return kept(sum + Math.max(-mostGain, Math.min(mostGain, gain / dispersion)));
  });
}

/**
 * The ratios that the evidence does not exclude, at all looks at once with a chance of 1 − α. Ends are rounded outwards to the
 * grid; the lowest and highest stand for 0 and infinity, the latter as null.
 */
export function intervalOf(
  state: IntervalState,
  alpha: number,
): { readonly low: number; readonly high: number | null } {
  const mixture = state.reduce((sum, log) => logAdd(sum, log - Math.log(points)), -1_000_000);
  const isIn = state.map((log) => mixture - log < -Math.log(alpha));
  const [first, last] = [isIn.indexOf(true), isIn.lastIndexOf(true)];
  const low = first <= 0 ? 0 : (ratios[first - 1] ?? 0);
  const high = last === -1 || last >= points - 1 ? null : (ratios[last + 1] ?? null);
  return { low: kept(low), high: high === null ? null : kept(high) };
}
