import { kept, logAdd } from '../rounding';

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
