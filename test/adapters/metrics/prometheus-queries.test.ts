import { createPrometheusMetrics } from '../../../src/adapters/metrics/prometheus';
import type { MetricsPort } from '../../../src/ports/metrics';
import type { PrometheusRig } from '../../support/prometheus';
import { startPrometheus } from '../../support/prometheus';
import { until } from '../../support/until';

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
