import { kept, logAdd } from '../rounding';
import type { Alternatives } from './counts';
import { cusumRunLength, stepCusum } from './cusum';
import { ewmaRunLength, stepEwma } from './ewma';
import { nothingOpen, surpriseOf, type Open } from './surprise';

/** How a canary is charted after the planned time: whatever the distribution, for sudden shifts, or for small lasting ones. */
export const chartKinds = ['e-detector', 'cusum', 'ewma'] as const;
export type ChartKind = (typeof chartKinds)[number];

/** ln R of an e-detector for each alternative; R begins at 0. */
type Detector = readonly number[];

const none = -1_000;
const startDetector = (alternatives: number): Detector => Array.from({ length: alternatives }, () => none);

/**
 * One step of an e-detector: R ← (R + 1) × the likelihood ratio. With weights that sum to 1, an alarm at a weighted R ≥ A comes on
 * average at most once in A healthy ticks, whatever the distribution (Shin, Ramdas and Rinaldo 2023).
 */
const stepDetector = (before: Detector, gains: readonly number[]): Detector =>
  before.map((log, j) => kept(logAdd(log, 0) + (gains[j] ?? 0)));

/** ln of the weighted R. */
const detectorLevel = (detector: Detector, weights: readonly number[]): number =>
  detector.reduce((sum, log, j) => logAdd(sum, log + Math.log(weights[j] ?? 1e-9)), none);

/** One chart: what the e-detector knows, or the sum or mean of standardised surprises and what is not in it yet. */
export type Chart =
  | { readonly kind: 'e-detector'; readonly detector: Detector }
  | { readonly kind: 'cusum' | 'ewma'; readonly value: number; readonly open: Open };

export const startChart = (kind: ChartKind, { ratios }: Alternatives): Chart =>
  kind === 'e-detector' ? { kind, detector: startDetector(ratios.length) } : { kind, value: 0, open: nothingOpen };

/** What a tick says to a chart: log-likelihood ratios of the alternatives, and the canary's part of the bad events. */
export type ChartTick = { readonly gains: readonly number[] } & Parameters<typeof surpriseOf>[1];

export function stepChart(before: Chart, tick: ChartTick): Chart {
  if (before.kind === 'e-detector') return { ...before, detector: stepDetector(before.detector, tick.gains) };
  const { open, surprise } = surpriseOf(before.open, tick);
  if (surprise === undefined) return { ...before, open };
  return { ...before, open, value: (before.kind === 'cusum' ? stepCusum : stepEwma)(before.value, surprise) };
}

/**
 * ln of the average number of healthy ticks to an alarm whose limit lies where the chart stands now: at least that many for the
 * e-detector, about that many steps, each of a tick or more, for the others.
 */
export function chartRunLength(chart: Chart, { weights }: Alternatives): number {
  if (chart.kind === 'e-detector') return detectorLevel(chart.detector, weights);
  return chart.kind === 'cusum' ? cusumRunLength(chart.value) : ewmaRunLength(chart.value);
}
