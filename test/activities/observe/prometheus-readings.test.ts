import { readRule, startProgress, type PrometheusRule } from '../../../src/activities/observe/prometheus-readings';
import type { MetricNumber, MetricsPort } from '../../../src/ports/metrics';

const roles = { baseline: 'blue', canary: 'green' } as const;
const number = (value: number, atMs = 2_000): MetricNumber => ({ kind: 'number', value, atMs });
const empty: MetricNumber = { kind: 'missing', reason: 'empty', detail: 'no series' };

/** Answers by the query as it is sent. */
const answering = (answers: { readonly [query: string]: MetricNumber }): MetricsPort => {
  const find = (query: string): Promise<MetricNumber> => {
    const found = answers[query];
    if (found === undefined) throw new Error(`unexpected query ${query}`);
    return Promise.resolve(found);
  };
  return { value: find, increase: find };
};

const margin = { kind: 'margin', share: 0.01 } as const;
const histogram: PrometheusRule = {
  name: 'slow',
  guardrail: true,
  kind: 'histogram',
  target: 'prometheus',
  series: 'seconds_bucket{slot="$slot"}',
  aboveMs: 250,
  limit: margin,
};
const ratio: PrometheusRule = {
  name: 'failed',
  guardrail: true,
  kind: 'ratio',
  target: 'prometheus',
  bad: 'errors{slot="$slot"}',
  total: 'all{slot="$slot"}',
  limit: margin,
};

test('counts the answers above the bound from the buckets', async () => {
  const port = answering({
    'seconds_bucket{slot="blue",le="+Inf"}': number(100),
    'seconds_bucket{slot="blue",le=~"0\\\\.250*"}': number(98),
    'seconds_bucket{slot="green",le="+Inf"}': number(40),
    'seconds_bucket{slot="green",le=~"0\\\\.250*"}': number(30),
  });
  const { reading } = await readRule(port, histogram, roles, startProgress(1_000));
  expect(reading).toEqual({ kind: 'counts', baseline: { total: 100, bad: 2 }, canary: { total: 40, bad: 10 } });
});

test('matches a whole second however a library writes it', async () => {
  const second = { ...histogram, series: 'seconds_bucket', aboveMs: 1_000 };
  const port = answering({ 'seconds_bucket{le="+Inf"}': number(10), 'seconds_bucket{le=~"1(\\\\.0+)?"}': number(9) });
  const { reading } = await readRule(port, second, roles, startProgress(1_000));
  expect(reading).toMatchObject({ canary: { total: 10, bad: 1 } });
});

test('takes an absent error counter beside a present total for zero errors', async () => {
  const port = answering({
    'errors{slot="blue"}': empty,
    'all{slot="blue"}': number(50),
    'errors{slot="green"}': empty,
    'all{slot="green"}': number(20),
  });
  const { reading } = await readRule(port, ratio, roles, startProgress(1_000));
  expect(reading).toEqual({ kind: 'counts', baseline: { total: 50, bad: 0 }, canary: { total: 20, bad: 0 } });
});

test('says which slot is missing, and keeps the progress so that nothing is lost', async () => {
  const port = answering({
    'errors{slot="blue"}': number(0),
    'all{slot="blue"}': number(50),
    'errors{slot="green"}': empty,
    'all{slot="green"}': empty,
  });
  const before = startProgress(1_000);
  const { reading, progress } = await readRule(port, ratio, roles, before);
  expect(reading).toEqual({ kind: 'missing', reason: 'empty', detail: 'green: no series' });
  expect(progress).toBe(before);
});

test('adds up what grew between two looks', async () => {
  const port = answering({
    'errors{slot="blue"}': number(1),
    'all{slot="blue"}': number(10),
    'errors{slot="green"}': number(2),
    'all{slot="green"}': number(5),
  });
  const first = await readRule(port, ratio, roles, startProgress(1_000));
  const second = await readRule(port, ratio, roles, first.progress);
  expect(second.reading).toEqual({ kind: 'counts', baseline: { total: 20, bad: 2 }, canary: { total: 10, bad: 4 } });
});
