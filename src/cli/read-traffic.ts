import type { History, MetricsHistory, Stretch } from '../adapters/metrics/prometheus-history';
import type { Counts } from '../core/analysis/types';
import { bucketMatcher } from '../core/analysis/catalogue/bucket-matcher';
import { proxySeries, type Place } from '../core/analysis/catalogue/catalogue';
import { withMatcher } from '../core/analysis/catalogue/with-matcher';
import type { ShareRule } from '../core/plan/share-rule';
import { trafficOf } from '../core/analysis/traffic';
import type { Traffic } from '../core/analysis/forecast';

const blockMs = 5 * 60_000;
const slots = ['blue', 'green'] as const;

export type FoundTraffic = { readonly traffic: Traffic } | { readonly missing: string };

/** Selectors of all events and of the bad or, for a histogram, the good ones. */
function seriesOf(
  rule: ShareRule,
  place: Place,
): { readonly total: string; readonly some: string; readonly isBad: boolean } | undefined {
  switch (rule.kind) {
    case 'proxy-errors': {
      const series = proxySeries(place);
      return series === undefined ? undefined : { total: series.total, some: series.bad, isBad: true };
    }
    case 'ratio':
      return { total: rule.total, some: rule.bad, isBad: true };
    case 'histogram':
      return {
        total: withMatcher(rule.series, 'le="+Inf"'),
        some: withMatcher(rule.series, bucketMatcher(rule)),
        isBad: false,
      };
  }
}

/** What a selector's counters of both slots grew by, block by block; a block without samples is left out. */
async function growth(history: MetricsHistory, selector: string, over: Stretch) {
  const found = await Promise.all(
    slots.map((slot) =>
      history.values(`sum(increase(${selector.replaceAll('$slot', slot)}[${blockMs / 60_000}m]))`, over, blockMs),
    ),
  );
  const fault = found.find((one): one is Extract<History, { kind: 'missing' }> => one.kind === 'missing');
  const points = found.flatMap((one) => (one.kind === 'series' ? one.series : [])).flatMap((one) => one.points);
  const sums = new Map<number, number>();
  for (const { atMs, value } of points) if (Number.isFinite(value)) sums.set(atMs, (sums.get(atMs) ?? 0) + value);
  return { fault, sums };
}

/** The traffic of the last hours that a metric is about, in blocks of five minutes. */
export async function readTraffic(
  history: MetricsHistory,
  rule: ShareRule,
  place: Place,
  over: Stretch,
): Promise<FoundTraffic> {
  const series = seriesOf(rule, place);
  if (series === undefined) return { missing: "the proxy's servers cannot be told apart by their names" };
  // The first block is over a block's length after the beginning.
  const times = { fromMs: over.fromMs + blockMs, toMs: over.toMs };
  const [total, some] = [await growth(history, series.total, times), await growth(history, series.some, times)];
  const fault = total.fault ?? some.fault;
  if (fault !== undefined) return { missing: `${fault.reason}: ${fault.detail}` };
  const blocks = [...total.sums].map(([atMs, all]): Counts => {
    const found = some.sums.get(atMs) ?? 0;
    return { total: all, bad: series.isBad ? found : Math.max(0, all - found) };
  });
  const traffic = trafficOf(blocks, blockMs / 1_000);
  return traffic === undefined ? { missing: `no request in ${series.total}` } : { traffic };
}
