import { createPrometheusMetrics } from '../../../src/adapters/metrics/prometheus';
import { conventionsWith, readyQuery } from '../../../src/core/analysis/catalogue/catalogue';
import { conventionNames, presetNames } from '../../../src/core/analysis/catalogue/names';
import type { MetricsPort } from '../../../src/ports/metrics';
import { queriesOf } from '../../core/analysis/catalogue/queries-of';
import type { PrometheusRig } from '../../support/prometheus';
import { startPrometheus } from '../../support/prometheus';
import { until } from '../../support/until';

const hostile = { job: 'a"} or vector(1) #', pod: '$slot-*(|[\\' };
const place = {
  service: 'shop',
  conventions: Object.fromEntries(conventionNames.map((name) => [name, hostile])),
};
/** Every query of the catalogue, with labels that would break out of a careless one. */
const everyQuery = presetNames.flatMap((preset) =>
  conventionsWith(preset).flatMap((convention) =>
    queriesOf(readyQuery(preset, convention, place)).map((query) => [`${preset} by ${convention}`, query] as const),
  ),
);

describe('queries to a real Prometheus', () => {
  let prometheus: PrometheusRig;
  let port: MetricsPort;
  beforeAll(async () => {
    prometheus = await startPrometheus();
    const { url, scrapeIntervalMs } = prometheus;
    port = createPrometheusMetrics({ url, scrapeIntervalMs: 5 * scrapeIntervalMs, timeoutMs: 5000 });
  });
  afterAll(() => prometheus.close());

  it('gives a quantile of a histogram, and no number when it is empty', async () => {
    const buckets = (first: number, all: number) => [
      `took_bucket{le="0.1"} ${first}`,
      `took_bucket{le="0.2"} ${all}`,
      `took_bucket{le="+Inf"} ${all}`,
    ];
    await prometheus.expose(buckets(50, 100));
    const query = 'histogram_quantile(0.5, sum by (le) (took_bucket))';
    expect(await port.value(query)).toMatchObject({ kind: 'number', value: 0.1 });
    await prometheus.expose(buckets(0, 0));
    expect(await port.value(query)).toMatchObject({ kind: 'missing', reason: 'not-a-number' });
  });

  it.each([
    ['0 / 0', 'not-a-number', /NaN/],
    ['sum(rate(nobody_total[1m]))', 'empty', /no series/],
    ['sum(', 'error', /parse error/],
    ['page[1m]', 'error', /matrix/],
    ['"text"', 'error', /string/],
  ])('makes a missing number of %s', async (query, reason, detail) => {
    await prometheus.expose([]);
    const missing = { kind: 'missing', reason, detail: expect.stringMatching(detail) as string };
    expect(await port.value(query)).toMatchObject(missing);
  });

  it('adds up the buckets of all pods by their bounds, over a restart of one', async () => {
    const pods = (a: readonly number[], b: readonly number[]) =>
      ['0.1', '+Inf'].flatMap((le, index) => [
        `slow_bucket{pod="a",le="${le}"} ${a[index]}`,
        `slow_bucket{pod="b",le="${le}"} ${b[index]}`,
      ]);
    await prometheus.expose(pods([100, 200], [10, 20]));
    const sinceMs = Date.now();
    await prometheus.expose(pods([105, 210], [1, 3]));
    expect(await port.increaseBy('slow_bucket', 'le', sinceMs)).toMatchObject({
      kind: 'sums',
      sums: { '0.1': 6, '+Inf': 13 },
    });
    expect(await port.increaseBy('slow_bucket', 'nothing', sinceMs)).toMatchObject({
      kind: 'missing',
      reason: 'empty',
    });
  });

  it.each(everyQuery)('takes the ready-made query of %s', async (_, query) => {
    await prometheus.expose([]);
    expect(await port.value(query.replaceAll('$slot', 'blue'))).toMatchObject({ kind: 'missing', reason: 'empty' });
  });

  it('adds up no expressions, only selectors', async () => {
    const found = await port.increase('sum(page)', Date.now() - 1000);
    expect(found).toMatchObject({ kind: 'missing', reason: 'error' });
  });

  it('counts only the growth of a series that was away longer than the window', async () => {
    await prometheus.expose(['shy_total 1000']);
    await prometheus.expose([]);
    const goneAtMs = Date.now();
    const sinceMs = goneAtMs + 4 * 5 * prometheus.scrapeIntervalMs;
    await until('the window begins after the series went', () => Date.now() > sinceMs + 100);
    await prometheus.expose(['shy_total 1003', 'steady_total 1']);
    const lateMs = Date.now() - 100;
    expect(await port.increase('shy_total', lateMs)).toMatchObject({ kind: 'number', value: 3 });
  });

  it('says that a counter no longer scraped is stale', async () => {
    await prometheus.expose(['last_total 7']);
    await prometheus.expose([]);
    const sinceMs = Date.now();
    await until('three scrapes without it', async () => {
      const found = await port.increase('last_total', sinceMs);
      return found.kind === 'missing' && found.reason === 'stale';
    });
    expect(await port.value('last_total')).toMatchObject({ kind: 'missing', reason: 'empty' });
  });
});
