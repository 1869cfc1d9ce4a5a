import { bucketBound, bucketMatcher } from '../../core/analysis/catalogue/bucket-matcher';
import { withMatcher } from '../../core/analysis/catalogue/with-matcher';
import type { MetricRule } from '../../core/plan/plan';
import type { MetricNumber, MetricsPort } from '../../ports/metrics';

type HistogramRule = Extract<MetricRule, { kind: 'histogram' }>;

/** What the buckets of one slot grew by, each by itself; bounds rise, and the last bucket has none. */
export type BucketGrowth = {
  readonly le: readonly number[];
  readonly counts: readonly number[];
  /** Buckets that are left out are empty. */
  readonly isNative?: boolean;
};

export type HistogramIncrements = {
  readonly total: MetricNumber;
  readonly bad: MetricNumber;
  readonly buckets?: BucketGrowth;
};

/** Cumulative counts to counts of each bucket; a dip between two scrapes of one histogram is no negative count. */
function growthOf(sums: { readonly [le: string]: number }): BucketGrowth {
  const rows = Object.entries(sums)
    .map(([le, count]) => ({ le: le === '+Inf' ? Infinity : Number(le), count: Math.round(count) }))
    .sort((a, b) => a.le - b.le);
  return {
    le: rows.map(({ le }) => le).filter(Number.isFinite),
    counts: rows.map(({ count }, index) => Math.max(0, count - (rows[index - 1]?.count ?? 0))),
  };
}

const sumAt = (sums: { readonly [le: string]: number }, bound: number): number | undefined =>
  Object.entries(sums).find(([le]) => Number(le) === bound)?.[1];

/** All up to the first bound of a native histogram that is not below the limit: slow is only what surely was. */
function sumBelow(sums: { readonly [le: string]: number }, bound: number): number | undefined {
  const rows = Object.entries(sums).map(([le, sum]) => ({ le: le === '+Inf' ? Infinity : Number(le), sum }));
  const [first] = rows.filter(({ le }) => le >= bound).sort((a, b) => a.le - b.le);
  return first?.sum;
}

/** Where a metrics system has too much to give at once, the two bounds that the limit is about are enough. */
async function twoBounds(port: MetricsPort, rule: HistogramRule, series: string, sinceMs: number) {
  const [total, good] = await Promise.all([
    port.increase(withMatcher(series, 'le="+Inf"'), sinceMs),
    port.increase(withMatcher(series, bucketMatcher(rule)), sinceMs),
  ]);
  if (total.kind === 'missing' || good.kind === 'missing') return { total, bad: good };
  return { total, bad: { ...good, value: Math.max(0, total.value - good.value) } };
}

/** All buckets of a slot's histogram in one question: requests, slow ones among them, and every bucket for the engine. */
export async function histogramIncrements(
  port: MetricsPort,
  rule: HistogramRule,
  series: string,
  sinceMs: number,
): Promise<HistogramIncrements> {
  const found = await port.increaseBy(series, 'le', sinceMs);
  if (found.kind === 'missing')
    return found.reason === 'too-large' ? twoBounds(port, rule, series, sinceMs) : { total: found, bad: found };
  const { sums, atMs, isNative = false } = found;
  const total = sums['+Inf'];
  const good = isNative ? sumBelow(sums, bucketBound(rule)) : sumAt(sums, bucketBound(rule));
  if (total === undefined || good === undefined) {
    const bounds = growthOf(sums).le.join(', ');
    const detail = `${series} has no bucket that ends at ${bucketBound(rule)}; its bounds are ${bounds}`;
    const none: MetricNumber = { kind: 'missing', reason: 'empty', detail };
    return { total: none, bad: none };
  }
  return {
    total: { kind: 'number', value: total, atMs },
    bad: { kind: 'number', value: Math.max(0, total - good), atMs },
    buckets: isNative ? { ...growthOf(sums), isNative } : growthOf(sums),
  };
}
