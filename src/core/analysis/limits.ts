import type { ChartKind } from './methods/charts';

/** What the engine may be wrong about, and how much harm it tolerates. */
export type EngineLimits = {
  /** Chance of ever rolling back a canary that is no worse than the margins, over all guardrails and looks. */
  readonly alpha: number;
  /** The same for a mere hold. */
  readonly alphaHold: number;
  /** Chance of advancing a canary that breaks what was to be proved. */
  readonly beta: number;
  /** Chance of a false alarm about the split of the traffic. */
  readonly alphaSplit: number;
  /** Ratio canary to control of errors up to which nothing is harm. */
  readonly marginRatio: number;
  /** Factor in time by which answers may be slower before it is harm. */
  readonly marginLatency: number;
  /** The same for the tail alone, beside what holds for all answers. */
  readonly marginTail: number;
  /** Difference of a gauge (a share, 0 to 1) that is tolerated. */
  readonly marginGauge: number;
  /** Share of errors, and of slow answers, that the proof of safety excludes. */
  readonly safeShare: number;
  /** Seconds in which fresh instances warm up: slower than warm ones, by as much as fresh healthy ones are. */
  readonly coldStartS: number;
  /** Days from one false alarm of the chart after the planned time to the next, on average and at least. */
  readonly chartDays: number;
  /** Which chart that is; the e-detector when left out. */
  readonly chart?: ChartKind;
  /** Ticks without data after which it holds. */
  readonly silentTicks: number;
};

export const defaultLimits: EngineLimits = {
  alpha: 0.01,
  alphaHold: 0.05,
  beta: 0.05,
  alphaSplit: 0.001,
  marginRatio: 1.05,
  marginLatency: 1.02,
  marginTail: 1.005,
  marginGauge: 0.03,
  safeShare: 0.01,
  coldStartS: 480,
  chartDays: 30,
  silentTicks: 2,
};

/** How the risk α is shared out among the guardrails of a stream; the sum is 1. */
export const metricWeights = { errors: 0.62, latency: 0.34, cpu: 0.04 } as const;
