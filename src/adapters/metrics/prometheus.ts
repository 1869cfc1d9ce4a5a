import type { MetricNumber, MetricsPort } from '../../ports/metrics';
import { addIncrements, addIncrementsBy, isUnknownAt } from './add-increments';
import { askPrometheus } from './ask-prometheus';
import { cumulated } from './native-histogram';
import type { Missing, Series } from './prometheus-answer';
import { missing, pickNumber, pickSeries } from './prometheus-answer';

export type PrometheusTarget = {
  readonly url: string;
  /** How often Prometheus scrapes the counters; three scrapes without a sample are stale. */
  readonly scrapeIntervalMs: number;
  readonly timeoutMs: number;
};

/** Beyond it an increase would need more raw samples than are worth fetching. */
const longestWindowMs = 60 * 60_000;
/** How long a counter may be silent and still be the same one: Prometheus's own look-back. */
const lookBack = '5m';

type Samples = {
  readonly kind: 'samples';
  readonly sum: number;
  readonly newestAtMs: number;
  readonly series: readonly Series[];
  readonly before: readonly Series[];
};

const isStale = (newestAtMs: number, nowMs: number, scrapeIntervalMs: number): boolean =>
  nowMs - newestAtMs > 3 * scrapeIntervalMs;

const stale = (what: string, newestAtMs: number, nowMs: number): Missing =>
  missing(
    'stale',
    `the newest sample of ${what} is ${((nowMs - newestAtMs) / 1000).toFixed(1)} s old: is it still scraped, and do the clocks agree?`,
  );

/** Reads numbers over Prometheus's HTTP API; works with anything that speaks `/api/v1/query`. */
export const createPrometheusMetrics = ({ url, scrapeIntervalMs, timeoutMs }: PrometheusTarget): MetricsPort => {
  const endpoint = new URL('api/v1/query', url.endsWith('/') ? url : `${url}/`);
  const ask = (query: string, atMs: number) => askPrometheus({ endpoint, query, atMs, timeoutMs });

  const askSeries = async (query: string, atMs: number): Promise<readonly Series[] | Missing> => {
    const answer = await ask(query, atMs);
    if (answer.kind === 'missing') return answer;
    const picked = pickSeries(answer.data);
    return picked.kind === 'missing' ? picked : picked.series;
  };

  const samplesSince = async (selector: string, sinceMs: number, nowMs: number): Promise<Samples | Missing> => {
    const windowMs = Math.max(0, nowMs - sinceMs) + 4 * scrapeIntervalMs;
    if (windowMs > longestWindowMs)
      return missing(
        'too-large',
        `an increase over ${Math.round(windowMs / 1000)} s was asked for: ask at least once an hour`,
      );
    const series = await askSeries(`${selector}[${Math.ceil(windowMs)}ms]`, nowMs);
    if ('kind' in series) return series;
    const needsEarlier = series.length === 0 || series.some((one) => isUnknownAt(one, sinceMs));
    const before = needsEarlier ? await askSeries(`last_over_time(${selector}[${lookBack}])`, sinceMs) : [];
    if ('kind' in before) return before;
    const increments = addIncrements(series, { sinceMs, before });
    if (increments === undefined) {
      if (before.length === 0) return missing('empty', `no series matches ${selector}`);
      return stale(selector, nowMs - windowMs, nowMs);
    }
    const { sum, newestAtMs } = increments;
    if (isStale(newestAtMs, nowMs, scrapeIntervalMs)) return stale(selector, newestAtMs, nowMs);
    if (!Number.isFinite(sum)) return missing('not-a-number', `a sample of ${selector} is not a finite number`);
    return { kind: 'samples', sum, newestAtMs, series, before };
  };

  /** When the one series was last sampled; for anything but a plain selector that is the moment of evaluation. */
  // The line break ends a comment at the end of the query.
  const askSampledAt = async (query: string, nowMs: number): Promise<MetricNumber> => {
    const answer = await ask(`timestamp(${query}\n)`, nowMs);
    return answer.kind === 'missing' ? answer : pickNumber(answer.data);
  };

  return {
    async increase(selector, sinceMs) {
      const found = await samplesSince(selector, sinceMs, Date.now());
      return found.kind === 'missing' ? found : { kind: 'number', value: found.sum, atMs: found.newestAtMs };
    },
    async increaseBy(selector, label, sinceMs) {
      const found = await samplesSince(selector, sinceMs, Date.now());
      if (found.kind === 'missing') return found;
      const sums = Object.entries(addIncrementsBy(found.series, label, { sinceMs, before: found.before }));
      if (sums.length === 0) return missing('empty', `no series of ${selector} has the label ${label}`);
      const isNative = found.series.some((one) => one.isNative === true);
      const each = Object.fromEntries(sums.map(([value, { sum }]) => [value, sum]));
      return {
        kind: 'sums',
        sums: isNative ? cumulated(each) : each,
        ...(isNative ? { isNative } : {}),
        // The same moment for all: what goes on from it counts no sample of any value twice.
        atMs: found.newestAtMs,
      };
    },
    async value(query) {
      const nowMs = Date.now();
      const answer = await ask(query, nowMs);
      if (answer.kind === 'missing') return answer;
      const found = pickNumber(answer.data);
      if (found.kind === 'missing' || answer.data.resultType === 'scalar') return found;
      const sampled = await askSampledAt(query, nowMs);
      if (sampled.kind === 'missing') return sampled;
      const sampledAtMs = Math.round(sampled.value * 1000);
      return isStale(sampledAtMs, nowMs, scrapeIntervalMs)
        ? stale(query, sampledAtMs, nowMs)
        : { ...found, atMs: sampledAtMs };
    },
  };
};
