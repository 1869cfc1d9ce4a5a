import type { Point, Series } from './prometheus-answer';

/** What a counter grew by over its points, oldest first; a fall is a restart, after which it counts from zero. */
const sumSteps = (from: number, points: readonly Point[]): number => {
  let last = from;
  let sum = 0;
  for (const { value } of points) {
    if (!Number.isFinite(last) || !Number.isFinite(value)) return NaN;
    sum += value >= last ? value - last : value;
    last = value;
  }
  return sum;
};

export type Increments = {
  /** NaN when a sample is no finite number. */
  readonly sum: number;
  /** Moment of the newest sample of any series. */
  readonly newestAtMs: number;
};

/**
 * What all series grew by after `sinceMs`. A series counts from its last point at or before that moment, there or in
 * `before`; one that has none was born later and counts from zero. Undefined without any point.
 */
export const addIncrements = (
  series: readonly Series[],
  { sinceMs, before }: { readonly sinceMs: number; readonly before: readonly Series[] },
): Increments | undefined => {
  const earlier = new Map(before.map(({ id, points }) => [id, points.at(-1)?.value]));
  let sum = 0;
  let newestAtMs = -Infinity;
  for (const { id, points } of series) {
    const from = points.findLast(({ atMs }) => atMs <= sinceMs)?.value ?? earlier.get(id) ?? 0;
    sum += sumSteps(
      from,
      points.filter(({ atMs }) => atMs > sinceMs),
    );
    newestAtMs = Math.max(newestAtMs, points.at(-1)?.atMs ?? -Infinity);
  }
  return Number.isFinite(newestAtMs) ? { sum, newestAtMs } : undefined;
};

/** The same for every value of a label by itself; series without the label are left out. */
export const addIncrementsBy = (
  series: readonly Series[],
  label: string,
  since: { readonly sinceMs: number; readonly before: readonly Series[] },
): { readonly [value: string]: Increments } => {
  const values = [...new Set(series.flatMap(({ labels }) => labels?.[label] ?? []))];
  const found = values.flatMap((value) => {
    const increments = addIncrements(
      series.filter(({ labels }) => labels?.[label] === value),
      since,
    );
    return increments === undefined ? [] : [[value, increments] as const];
  });
  return Object.fromEntries(found);
};

/** Whether a series has no point at or before a moment, so that only an earlier look tells if it is new. */
export const isUnknownAt = ({ points }: Series, sinceMs: number): boolean =>
  !points.some(({ atMs }) => atMs <= sinceMs);
