import type { MissingReason } from '../core/analysis/types';

/** One number of a query, or why there is none. Missing is never zero. */
export type MetricNumber =
  | { readonly kind: 'number'; readonly value: number; readonly atMs: number }
  | { readonly kind: 'missing'; readonly reason: MissingReason; readonly detail: string };

/** One sum for every value of a label, or why there is none. */
export type MetricSums =
  | {
      readonly kind: 'sums';
      readonly sums: { readonly [value: string]: number };
      readonly atMs: number;
      /** Buckets of a native histogram: their bounds are its own, and one that nothing fell into is left out. */
      readonly isNative?: boolean;
    }
  | Extract<MetricNumber, { kind: 'missing' }>;

/** Reads one number at a time from a metrics system; never throws for a bad answer, that is a `missing`. */
export interface MetricsPort {
  /** Instant value of an expression that gives exactly one series. */
  value(query: string): Promise<MetricNumber>;
  /**
   * Sum over a selector's counters of what they grew by since `sinceMs`, each series' resets handled.
   * Fails as `empty` when no series exists, `stale` when the newest sample is older than three scrapes.
   */
  increase(selector: string, sinceMs: number): Promise<MetricNumber>;
  /** As `increase`, but a sum for every value of a label: the counters of a histogram's buckets by `le`. */
  increaseBy(selector: string, label: string, sinceMs: number): Promise<MetricSums>;
}
