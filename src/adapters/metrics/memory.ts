import type { MissingReason } from '../../core/analysis/types';
import type { MetricsPort } from '../../ports/metrics';
import { addIncrements } from './add-increments';
import type { Missing, Point } from './prometheus-answer';
import { missing } from './prometheus-answer';

/** What a test, or a dry run's world, feeds the metrics system with. */
type MemoryMetricsControls = {
  /** A sample of one series of a metric, now or at `atMs`. The metric's name is its query. */
  record(metric: string, value: number, at?: { readonly series?: string; readonly atMs?: number }): void;
  /** Every answer is missing for this reason until called with nothing. */
  fail(reason?: MissingReason): void;
};

export type MemoryMetrics = MetricsPort & MemoryMetricsControls;

export type MemoryMetricsOptions = { readonly scrapeIntervalMs: number; readonly nowMs?: () => number };

/** A metrics system in memory: knows samples by the metric's name, no query language. */
export const createMemoryMetrics = ({
  scrapeIntervalMs,
  nowMs = () => Date.now(),
}: MemoryMetricsOptions): MemoryMetrics => {
  const metrics = new Map<string, Map<string, Point[]>>();
  let failure: MissingReason | undefined;

  const read = (metric: string) =>
    [...(metrics.get(metric) ?? new Map<string, Point[]>())].map(([id, points]) => ({ id, points }));
  const fault = (metric: string, newestAtMs: number | undefined): Missing | undefined => {
    if (failure !== undefined) return missing(failure, 'the metrics in memory were told to fail');
    if (newestAtMs === undefined) return missing('empty', `nothing was recorded for ${metric}`);
    const ageMs = nowMs() - newestAtMs;
    return ageMs > 3 * scrapeIntervalMs
      ? missing('stale', `the newest sample of ${metric} is ${ageMs} ms old`)
      : undefined;
  };

  return {
    value(metric) {
      const series = read(metric);
      const last = series[0]?.points.at(-1);
      const wrong = fault(metric, last?.atMs);
      if (wrong !== undefined || last === undefined) return Promise.resolve(wrong ?? missing('empty', metric));
      if (series.length > 1) return Promise.resolve(missing('error', `${metric} has ${series.length} series, not one`));
      if (!Number.isFinite(last.value)) return Promise.resolve(missing('not-a-number', `${metric} is ${last.value}`));
      return Promise.resolve({ kind: 'number', value: last.value, atMs: last.atMs });
    },
    increase(metric, sinceMs) {
      const increments = addIncrements(read(metric), { sinceMs, before: [] });
      const wrong = fault(metric, increments?.newestAtMs);
      if (wrong !== undefined || increments === undefined) return Promise.resolve(wrong ?? missing('empty', metric));
      const { sum, newestAtMs } = increments;
      if (!Number.isFinite(sum))
        return Promise.resolve(missing('not-a-number', `${metric} has a sample that is no number`));
      return Promise.resolve({ kind: 'number', value: sum, atMs: newestAtMs });
    },
    increaseBy(metric, label, sinceMs) {
      // The name of a series stands for the value of the label, whatever the label.
      const series = read(metric);
      const found = series.flatMap((one) => {
        const increments = addIncrements([one], { sinceMs, before: [] });
        return increments === undefined ? [] : [[one.id, increments] as const];
      });
      const newest = found.map(([, { newestAtMs }]) => newestAtMs);
      const wrong = fault(metric, newest.length === 0 ? undefined : Math.max(...newest));
      if (wrong !== undefined) return Promise.resolve(wrong);
      const sums = found.map(([id, { sum }]) => [id, sum] as const);
      if (sums.some(([, sum]) => !Number.isFinite(sum)))
        return Promise.resolve(missing('not-a-number', `${metric} by ${label} has a sample that is no number`));
      return Promise.resolve({ kind: 'sums', sums: Object.fromEntries(sums), atMs: Math.max(...newest) });
    },
    record(metric, value, { series = '', atMs = nowMs() } = {}) {
      const all = metrics.get(metric) ?? new Map<string, Point[]>();
      metrics.set(metric, all.set(series, [...(all.get(series) ?? []), { atMs, value }]));
    },
    fail(reason) {
      failure = reason;
    },
  };
};
