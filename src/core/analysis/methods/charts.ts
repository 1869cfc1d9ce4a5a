import { kept, logAdd } from '../rounding';

/**
 * One step of a one-sided CUSUM of standardised values (Page 1954): grows by what exceeds `slack` standard deviations. With slack
 * 0.5 an alarm above 4.39, 5.07 or 7.36 comes once in 500, 1 000 or 10 000 healthy values.
 */
export const stepCusum = (before: number, value: number, slack = 0.5): number =>
  kept(Math.max(0, before + value - slack));

/** The smoothed value of an EWMA chart (Roberts 1959) and how many values it has seen. */
export type Ewma = { readonly value: number; readonly count: number };

export const stepEwma = ({ value, count }: Ewma, next: number, weight = 0.1): Ewma => ({
  value: kept(weight * next + (1 - weight) * value),
  count: count + 1,
});

/** How many of its own standard deviations an EWMA is from 0; two-sided alarms above 2.814 come once in 500 values at weight 0.1. */
export function ewmaDeviation({ value, count }: Ewma, weight = 0.1): number {
  const variance = (weight / (2 - weight)) * (1 - (1 - weight) ** (2 * count));
  return variance > 0 ? value / Math.sqrt(variance) : 0;
}

/** ln R of an e-detector for each alternative; R begins at 0. */
export type Detector = readonly number[];

const none = -1_000;
export const startDetector = (alternatives: number): Detector => Array.from({ length: alternatives }, () => none);

/**
 * One step of an e-detector: R ← (R + 1) × the likelihood ratio. With weights that sum to 1, an alarm at a weighted R ≥ A comes on
 * average at most once in A healthy ticks, whatever the distribution (Shin, Ramdas and Rinaldo 2023).
 */
export const stepDetector = (before: Detector, gains: readonly number[]): Detector =>
  before.map((log, j) => kept(logAdd(log, 0) + (gains[j] ?? 0)));

/** ln of the weighted R. */
export const detectorLevel = (detector: Detector, weights: readonly number[]): number =>
  detector.reduce((sum, log, j) => logAdd(sum, log + Math.log(weights[j] ?? 1e-9)), none);
