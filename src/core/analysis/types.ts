/** Counts of one arm since the observing began; integers that only grow. */
export type Counts = { readonly total: number; readonly bad: number };

/** Counts since the observing began, of each bucket by itself; one more than `le`, whose bounds rise. */
export type Buckets = {
  readonly le: readonly number[];
  readonly baseline: readonly number[];
  readonly canary: readonly number[];
};

/** One reading of one metric. Missing evidence says which kind of missing it is. */
export type Reading =
  | {
      readonly kind: 'counts';
      readonly baseline: Counts;
      readonly canary: Counts;
      /** Where the counts come from a histogram: all of it. */
      readonly buckets?: Buckets;
    }
  | { readonly kind: 'value'; readonly canary: number }
  /** Values of both versions; the baseline's may be missing where nobody uses it. */
  | {
      readonly kind: 'pair';
      readonly canary: number;
      readonly baseline: number | { readonly reason: MissingReason; readonly detail: string };
    }
  | { readonly kind: 'missing'; readonly reason: MissingReason; readonly detail: string };

export type MissingReason = 'unreachable' | 'error' | 'empty' | 'not-a-number' | 'stale' | 'too-large';

/** All metrics at one moment. `atMs` is the sampler's clock. */
export type Sample = { readonly atMs: number; readonly readings: { readonly [metric: string]: Reading } };

/** Counts of both arms over the same stretch of time. */
export type Tally = { readonly baseline: Counts; readonly canary: Counts };

/**
 * Increments of both arms in one slice of time that ended at `atMs`.
 * A tuple, because thirty of them are kept a metric and the state travels in every heartbeat.
 */
export type Slice = readonly [
  atMs: number,
  baselineTotal: number,
  baselineBad: number,
  canaryTotal: number,
  canaryBad: number,
];

/**
 * A tally that also knows how many of its bad answers the canary would have had if both arms failed alike at every
 * moment, even while the split of the traffic changed.
 */
export type SplitTally = Tally & { readonly expectedCanaryBad: number };

export type StageTally = SplitTally & {
  /** The newest requests, too few yet to tell the split of the traffic from. */
  readonly open: Tally;
};

export type MetricState = {
  readonly last?: Tally;
  /** Newest last; bounded. */
  readonly slices: readonly Slice[];
  /** Sums since the present stage began. */
  readonly stage: StageTally;
  /** Sums since the first sample, over all stages. */
  readonly whole: Tally;
  /** Looks that brought bad answers of the canary: as often was the guard's test made anew. */
  readonly badLooks?: number;
  /** Sums of the baseline at the last stage where it took at least a tenth of the traffic. */
  readonly frozen?: Counts;
  /** Newest last; at most ten, at least a second apart. */
  readonly values: readonly number[];
  readonly valueAtMs?: number;
  /** Of a metric whose values are compared: the newest ones. */
  readonly pair?: { readonly baseline: number; readonly canary: number };
  readonly lastGoodAtMs?: number;
  readonly missing?: { readonly reason: MissingReason; readonly detail: string };
};

/** What the decision function remembers between samples: plain data, a few KB. */
export type EngineState = {
  readonly metrics: { readonly [metric: string]: MetricState };
  readonly lastAtMs?: number;
};

export type VerdictValue = 'pass' | 'fail' | 'inconclusive';

export type Verdict = {
  readonly metric: string;
  readonly value: VerdictValue;
  readonly guardrail: boolean;
  /** One sentence with number, limit and counts. */
  readonly reason: string;
  /** Shares 0 to 1, or plain values for a `value` metric. */
  readonly canary?: number;
  readonly baseline?: number;
  readonly limit?: number;
  /**
   * What the data do not exclude, however often they are looked at: of shares how many times the baseline's the canary's is,
   * else in the unit of `canary`. `high` is null where nothing bounds it.
   */
  readonly interval?: { readonly low: number; readonly high: number | null };
  /** How many times likelier the data are if the limit is broken; at `evidenceNeeded` the metric fails. */
  readonly evidence?: number;
  readonly evidenceNeeded?: number;
  readonly query?: string;
  readonly missing?: MissingReason;
};

/**
 * `taken-out`: somebody took the canary from the users at the proxy itself. `baseline-silent`: there is nothing to go back to;
 * `baseline-capacity`: there is, and it could not carry everybody.
 */
export type HoldReason = 'baking' | 'evidence' | 'no-data' | 'taken-out' | 'baseline-silent' | 'baseline-capacity';

export type Decision =
  | { readonly action: 'advance'; readonly reason: string }
  | { readonly action: 'hold'; readonly reason: string; readonly why: HoldReason }
  | { readonly action: 'roll-back'; readonly reason: string; readonly metric?: string };

/** What a person sees of a running watch. */
export type WatchView = {
  readonly stageId: string;
  readonly atMs: number;
  readonly canaryPercentWanted: number;
  readonly canaryPercentObserved?: number;
  readonly bakedMs: number;
  readonly bakeMs: number;
  readonly verdicts: readonly Verdict[];
  readonly decision: Decision;
  /** Requests to the canary and bad answers among them since the first exposure. */
  readonly canaryRequests: number;
  readonly canaryBad: number;
};
