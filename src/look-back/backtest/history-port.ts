import { addIncrements } from '../../adapters/metrics/add-increments';
import { missing, type Missing, type Point } from '../../adapters/metrics/prometheus-answer';
import type { History, HistorySeries, MetricsHistory, Stretch } from '../../adapters/metrics/prometheus-history';
import type { MetricNumber, MetricsPort, MetricSums } from '../../ports/metrics';

/** The moment that is now; only what was scraped up to it may be seen. */
export type Clock = { nowMs: number };

/** Which series belong to an arm. */
type Belongs = (labels: HistorySeries['labels']) => boolean;

export type PastMetrics = {
  /** The live watch's port, of the series that belong to an arm. */
  portOf(belongs: Belongs): MetricsPort;
  /** Every series of a selector in the stretch. */
  seriesOf(selector: string): Promise<History>;
};

/** How long before the stretch a counter's last sample may lie: Prometheus's own look-back. */
const lookBackMs = 300_000;

/** How many points lie at or before a moment. */
function countUntil(points: readonly Point[], atMs: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const seenAt = (points: readonly Point[], sinceMs: number, nowMs: number): readonly Point[] =>
  points.slice(Math.max(0, countUntil(points, sinceMs) - 1), countUntil(points, nowMs));

/** Answers from the history of one stretch, read once, as if it were `clock.nowMs`. */
export function createPastMetrics(
  history: MetricsHistory,
  {
    stretch,
    clock,
    scrapeIntervalMs,
  }: { readonly stretch: Stretch; readonly clock: Clock; readonly scrapeIntervalMs: number },
): PastMetrics {
  const read = new Map<string, Promise<History>>();
  const whole = { fromMs: stretch.fromMs - lookBackMs, toMs: stretch.toMs };
  const once = (key: string, load: () => Promise<History>): Promise<History> => {
    const found = read.get(key) ?? load();
    read.set(key, found);
    return found;
  };
  const seriesOf = (selector: string) => once(`samples ${selector}`, () => history.samples(selector, whole));
  const isStale = (atMs: number): boolean => clock.nowMs - atMs > 3 * scrapeIntervalMs;
  const stale = (what: string, atMs: number): Missing =>
    missing('stale', `the newest sample of ${what} was ${Math.round((clock.nowMs - atMs) / 1_000)} s old`);

  async function increase(belongs: Belongs, selector: string, sinceMs: number): Promise<MetricNumber> {
    const found = await seriesOf(selector);
    if (found.kind === 'missing') return found;
    const series = found.series.flatMap(({ labels, points }) => {
      const seen = belongs(labels) ? seenAt(points, sinceMs, clock.nowMs) : [];
      return seen.length === 0 ? [] : [{ id: '', points: seen }];
    });
    const increments = addIncrements(series, { sinceMs, before: [] });
    if (increments === undefined) return missing('empty', `no series matched ${selector}`);
    const { sum, newestAtMs } = increments;
    if (isStale(newestAtMs)) return stale(selector, newestAtMs);
    if (!Number.isFinite(sum)) return missing('not-a-number', `a sample of ${selector} was no finite number`);
    return { kind: 'number', value: sum, atMs: newestAtMs };
  }

  async function increaseBy(belongs: Belongs, selector: string, label: string, sinceMs: number): Promise<MetricSums> {
    const found = await seriesOf(selector);
    if (found.kind === 'missing') return found;
    const values = [...new Set(found.series.flatMap(({ labels }) => labels[label] ?? []))];
    const sums: { [value: string]: number } = {};
    let newestAtMs = -Infinity;
    for (const value of values) {
      const one = await increase((labels) => labels[label] === value && belongs(labels), selector, sinceMs);
      if (one.kind === 'missing' && one.reason === 'empty') continue;
      if (one.kind === 'missing') return one;
      sums[value] = one.value;
      newestAtMs = Math.max(newestAtMs, one.atMs);
    }
    if (!Number.isFinite(newestAtMs)) return missing('empty', `no series matched ${selector}`);
    return { kind: 'sums', sums, atMs: newestAtMs };
  }

  async function value(query: string): Promise<MetricNumber> {
    const found = await once(`values ${query}`, () => history.values(query, whole, scrapeIntervalMs));
    if (found.kind === 'missing') return found;
    const current = found.series.flatMap(({ points }) => seenAt(points, clock.nowMs, clock.nowMs));
    const fresh = current.filter(({ atMs }) => !isStale(atMs));
    const [only, ...others] = fresh;
    if (only === undefined) return missing('empty', 'the query gave no series');
    if (others.length > 0) return missing('error', `the query gave ${fresh.length} series, not one`);
    return Number.isFinite(only.value)
      ? { kind: 'number', value: only.value, atMs: only.atMs }
      : missing('not-a-number', `the query gave ${only.value}`);
  }

  return {
    seriesOf,
    portOf: (belongs) => ({
      value,
      increase: (selector, sinceMs) => increase(belongs, selector, sinceMs),
      increaseBy: (selector, label, sinceMs) => increaseBy(belongs, selector, label, sinceMs),
    }),
  };
}
