import type { MetricRule } from '../plan/plan';

/** The unique column along which a backfill goes, and the most rows of one batch. */
export type KeyRule = {
  /** As SQL names it: `public.orders`, or `"Orders"`. */
  readonly table: string;
  /** The column's name as it is, without quotes. */
  readonly column: string;
  readonly rows: number;
};

/** How gently a backfill goes; times in milliseconds. */
export type ThrottleRule = {
  /** A batch that takes longer is followed by one of half as many rows. */
  readonly statementMs: number;
  /** The next batch waits while a replica is further behind. */
  readonly replicaLagMs: number;
  /** The pause after every batch. */
  readonly restMs: number;
};

/** Whose guardrails a backfill rests for: those of the baseline, because nobody is on the canary yet. */
export type BaselineGuard = {
  /** The traffic target whose counters tell of the baseline; left out where no guardrail is about them. */
  readonly traffic?: string;
  readonly rules: readonly MetricRule[];
};

/** How one backfill runs. */
export type BackfillRule = {
  /** Left out: the statement is repeated until it changes no row. */
  readonly key?: KeyRule;
  readonly throttle: ThrottleRule;
  readonly guard: BaselineGuard;
  /** The longest it rests at a time for something that is wrong; left out: until a person acts. */
  readonly restAtMostMs?: number;
};
