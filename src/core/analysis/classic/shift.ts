import { findRoot } from './find-root';
import { normalUpperQuantile } from '../normal';
import { rankSum } from './ranks';

/** By how much a sample lies above another: the estimate of Hodges and Lehmann, and what the data do not exclude. */
export type Shift = { readonly estimate: number; readonly low: number; readonly high: number };

/** What R's `wilcox.test` and the published judge stop their search at, in the metric's own unit. */
export const shiftResolution = 1e-4;

const extent = (values: readonly number[]): readonly [least: number, most: number] =>
  values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);

/** How far `first`, moved down by `shift`, is from having as many wins as losses, in standard deviations. */
function score(first: readonly number[], second: readonly number[], shift: number): number {
  const { u, variance } = rankSum(first, second, shift);
  const distance = u - (first.length * second.length) / 2;
  return (distance - 0.5 * Math.sign(distance)) / Math.sqrt(variance);
}

/**
 * The shift of `first` against `second` by inverting the Mann–Whitney test with its normal approximation, corrected for
 * continuity and ties (Hollander, Wolfe, "Nonparametric Statistical Methods", §4.2–4.3). Two constants differ by exactly
 * what they differ by.
 */
export function shiftOf(first: readonly number[], second: readonly number[], confidence: number): Shift {
  const [least, most] = extent(first);
  const [leastOther, mostOther] = extent(second);
  if (least === most && leastOther === mostOther) {
    const estimate = least - leastOther;
    return { estimate, low: estimate, high: estimate };
  }
  const [low, high] = [least - mostOther, most - leastOther];
  const quantile = normalUpperQuantile((1 - confidence) / 2);
  const crossing = (wanted: number): number => {
    const above = (shift: number): number => score(first, second, shift) - wanted;
    if (above(low) <= 0) return low;
    return above(high) >= 0 ? high : findRoot(low, high, shiftResolution, above);
  };
  return { estimate: crossing(0), low: crossing(quantile), high: crossing(-quantile) };
}
