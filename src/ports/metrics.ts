import type { MissingReason } from '../core/analysis/types';

/** One number of a query, or why there is none. Missing is never zero. */
export type MetricNumber =
  | { readonly kind: 'number'; readonly value: number; readonly atMs: number }
  | { readonly kind: 'missing'; readonly reason: MissingReason; readonly detail: string };

/** Reads one number at a time from a metrics system; never throws for a bad answer, that is a `missing`. */
export interface MetricsPort {
  /** Instant value of an expression that gives exactly one series. */
  value(query: string): Promise<MetricNumber>;
  /**
   * Sum over a selector's counters of what they grew by since `sinceMs`, each series' resets handled.
   * Fails as `empty` when no series exists, `stale` when the newest sample is older than three scrapes.
   */
  increase(selector: string, sinceMs: number): Promise<MetricNumber>;
}
