import { startChart, type Chart } from './methods/charts';
import { moreEvents, startCounts, type CountState } from './methods/counts';
import { startGauge, type GaugeState } from './methods/gauge';
import { startInterval, type IntervalState } from './methods/interval';
import { startKnownRate, type KnownRateState } from './methods/known-rate';
import { startLatency, type LatencyState } from './methods/latency';
import { startSafety, type SafetyState } from './methods/safety';
import type { LatencySilence } from './methods/no-data';
import type { SeasonState } from './methods/season';
import { startSplit, type SplitState } from './methods/split';

/** What one stream's judgement remembers of its errors. */
export type ErrorsState = {
  readonly counts: CountState;
  readonly interval: IntervalState;
  readonly safe: SafetyState;
  /** The control's record while it ran beside the canary, for the time when there is none. */
  readonly record: { readonly events: number; readonly exposure: number };
  readonly known: KnownRateState;
  /** The chart of the time after the planned comparison. */
  readonly chart: Chart;
};

/** What one stream's judgement remembers of its latency: the processes, and the proof that the tail is no worse than twice. */
export type LatencyMetric = { readonly buckets: LatencyState; readonly safe: CountState };

/** All that a stream's judgement remembers from tick to tick: plain data, at most 2 KB a metric. */
export type StreamState = {
  readonly atS: number;
  /** Seconds since a tick last compared both sides. */
  readonly silentS: number;
  readonly errors: ErrorsState;
  readonly latency: LatencyMetric;
  readonly cpu: GaugeState;
  readonly split: SplitState;
  readonly placebo: CountState;
  /** Why ticks with requests say nothing of latency, and for how many seconds; null while they do. */
  readonly latencyGap: { readonly silence: LatencySilence; readonly lastsS: number } | null;
  /** Only where ticks tell of the same hour of the week. */
  readonly season?: SeasonState;
  /** What was seen at all: a metric without any data proves nothing and is not asked for a proof. */
  readonly seen: { readonly latency: boolean; readonly cpu: boolean };
};

export const startStream = (): StreamState => ({
  atS: 0,
  silentS: 0,
  errors: {
    counts: startCounts(),
    interval: startInterval(),
    safe: startSafety(),
    record: { events: 0, exposure: 0 },
    known: startKnownRate(),
    chart: startChart('e-detector', moreEvents),
  },
  latency: { buckets: startLatency(), safe: startCounts(tailNotDoubled) },
  cpu: startGauge(),
  split: startSplit(),
  placebo: startCounts(),
  latencyGap: null,
  seen: { latency: false, cpu: false },
});

/** For the proof that the tail is not twice as heavy: the control has more than half the canary's rate, up to double that. */
export const tailNotDoubled = { ratios: [1.5, 2], weights: [0.5, 0.5] } as const;
