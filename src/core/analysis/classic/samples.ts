import { rankSum } from './ranks';

/** What happens to a point without a number: it is left out, or counts as 0. */
export type NanStrategy = 'remove' | 'replace';

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The numbers of a series; undefined stands for a point that is missing or NaN. */
export function numbersOf(points: readonly (number | undefined)[], strategy: NanStrategy): readonly number[] {
  return points.flatMap((point) => (point !== undefined ? [point] : strategy === 'replace' ? [0] : []));
}

/** The quantile between two order statistics, linear between them (type 7 of Hyndman and Fan 1996). */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * The values between Tukey's fences, `factor` interquartile ranges beyond the quartiles; never fewer than those
 * between the first and the last percentile.
 */
export function withoutOutliers(values: readonly number[], factor: number): readonly number[] {
  if (values.length === 0) return values;
  const sorted = [...values].sort((a, b) => a - b);
  const [q1, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const low = Math.min(quantile(sorted, 0.01), q1 - factor * (q3 - q1));
  const high = Math.max(quantile(sorted, 0.99), q3 + factor * (q3 - q1));
  return values.filter((value) => value >= low && value <= high);
}

/** `meanRatio`: mean of the canary over that of the baseline. `cles`: how often a point of the canary is above one of the baseline. */
export type EffectMeasure = 'meanRatio' | 'cles';

/** How much the canary differs; undefined for a ratio with a mean of 0. */
export function effectSize(
  measure: EffectMeasure,
  canary: readonly number[],
  baseline: readonly number[],
): number | undefined {
  if (measure === 'cles') return rankSum(canary, baseline).u / (canary.length * baseline.length);
  const [over, under] = [mean(canary), mean(baseline)];
  return over === 0 || under === 0 ? undefined : over / under;
}
