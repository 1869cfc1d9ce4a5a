import { readRule, startProgress, type PrometheusRule } from '../../../src/activities/observe/prometheus-readings';
import type { MetricNumber, MetricsPort, MetricSums } from '../../../src/ports/metrics';

const roles = { baseline: 'blue', canary: 'green' } as const;
const number = (value: number, atMs = 2_000): MetricNumber => ({ kind: 'number', value, atMs });
const empty: MetricNumber = { kind: 'missing', reason: 'empty', detail: 'no series' };

const buckets = (sums: { readonly [le: string]: number }, atMs = 2_000): MetricSums => ({ kind: 'sums', sums, atMs });
const tooLarge: MetricSums = { kind: 'missing', reason: 'too-large', detail: 'more than 1000000 bytes' };

/** Answers by the query as it is sent. */
const answering = (
  answers: { readonly [query: string]: MetricNumber },
  histograms: { readonly [selector: string]: MetricSums } = {},
): MetricsPort => {
  const find = <T>(all: { readonly [query: string]: T }, query: string): Promise<T> => {
    const found = all[query];
    if (found === undefined) throw new Error(`unexpected query ${query}`);
    return Promise.resolve(found);
  };
  return {
    value: (query) => find(answers, query),
    increase: (query) => find(answers, query),
    increaseBy: (selector) => find(histograms, selector),
  };
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

test('counts the answers above the bound from the buckets, and keeps every bucket', async () => {
  const port = answering(
    {},
    {
      'seconds_bucket{slot="blue"}': buckets({ '+Inf': 100, '0.250': 98, '0.1': 90 }),
      'seconds_bucket{slot="green"}': buckets({ '0.1': 20, '0.250': 30, '+Inf': 40 }),
    },
  );
  const { reading, progress } = await readRule(port, histogram, roles, startProgress(1_000));
  expect(reading).toEqual({
    kind: 'counts',
    baseline: { total: 100, bad: 2 },
    canary: { total: 40, bad: 10 },
    buckets: { le: [0.1, 0.25], baseline: [90, 8, 2], canary: [20, 10, 10] },
  });
  const again = await readRule(port, histogram, roles, progress);
  expect(again.reading).toMatchObject({
    canary: { total: 80, bad: 20 },
    buckets: { baseline: [180, 16, 4], canary: [40, 20, 20] },
  });
});

test('finds the bound in milliseconds where a proxy counts them', async () => {
  const port = answering({}, { 'ms_bucket{}': buckets({ '250': 9, '500.0': 10, '+Inf': 12 }) });
  const rule: PrometheusRule = { ...histogram, series: 'ms_bucket{}', aboveMs: 500, unit: 'ms' };
  const { reading } = await readRule(port, rule, roles, startProgress(1_000));
  expect(reading).toMatchObject({ canary: { total: 12, bad: 2 }, buckets: { le: [250, 500], canary: [9, 1, 2] } });
});

test('takes for slow only what surely was, where the bounds of a native histogram are its own', async () => {
  const native = (sums: { readonly [le: string]: number }): MetricSums => ({
    kind: 'sums',
    sums,
    atMs: 2_000,
    isNative: true,
  });
  const port = answering(
    {},
    {
      'seconds{slot="blue"}': native({ '0.21': 90, '0.26': 97, '0.5': 100, '+Inf': 100 }),
      'seconds{slot="green"}': native({ '0.21': 5, '0.5': 10, '+Inf': 10 }),
    },
  );
  const { reading } = await readRule(
    port,
    { ...histogram, series: 'seconds{slot="$slot"}' },
    roles,
    startProgress(1_000),
  );
  // The bucket from 0.21 to 0.5 of the canary may hold answers below 0.25.
  expect(reading).toEqual({
    kind: 'counts',
    baseline: { total: 100, bad: 3 },
    canary: { total: 10, bad: 0 },
    buckets: { le: [0.21, 0.26, 0.5], baseline: [90, 7, 3, 0], canary: [5, 0, 5, 0] },
  });
});

test('names the bounds there are when none is the one of the limit', async () => {
  const port = answering({}, { 'seconds_bucket{}': buckets({ '0.1': 1, '0.5': 2, '+Inf': 3 }) });
  const { reading } = await readRule(port, { ...histogram, series: 'seconds_bucket{}' }, roles, startProgress(1_000));
  expect(reading).toMatchObject({ kind: 'missing', reason: 'empty' });
  expect(reading).toMatchObject({ detail: expect.stringContaining('ends at 0.25; its bounds are 0.1, 0.5') as string });
});

test('keeps no buckets where the two versions have different ones', async () => {
  const port = answering(
    {},
    {
      'seconds_bucket{slot="blue"}': buckets({ '0.25': 98, '+Inf': 100 }),
      'seconds_bucket{slot="green"}': buckets({ '0.1': 20, '0.25': 30, '+Inf': 40 }),
    },
  );
  const { reading } = await readRule(port, histogram, roles, startProgress(1_000));
  expect(reading).toEqual({ kind: 'counts', baseline: { total: 100, bad: 2 }, canary: { total: 40, bad: 10 } });
});

test('asks for the two bounds that matter where all buckets are too much', async () => {
  const second = { ...histogram, series: 'seconds_bucket', aboveMs: 1_000 };
  const port = answering(
    { 'seconds_bucket{le="+Inf"}': number(10), 'seconds_bucket{le=~"1(\\\\.0+)?"}': number(9) },
    { seconds_bucket: tooLarge },
  );
  const { reading } = await readRule(port, second, roles, startProgress(1_000));
  expect(reading).toEqual({ kind: 'counts', baseline: { total: 10, bad: 1 }, canary: { total: 10, bad: 1 } });
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

describe('a value that is compared', () => {
  const orders: PrometheusRule = {
    name: 'orders',
    guardrail: true,
    kind: 'compared',
    target: 'prometheus',
    query: 'orders{slot="$slot"}',
    min: { kind: 'factor', factor: 0.9 },
    method: 'evidence',
  };
  const read = (blue: MetricNumber, green: MetricNumber) =>
    readRule(
      answering({ 'orders{slot="blue"}': blue, 'orders{slot="green"}': green }),
      orders,
      roles,
      startProgress(1_000),
    ).then(({ reading }) => reading);

  test('is asked of both versions', async () => {
    expect(await read(number(4), number(3))).toEqual({ kind: 'pair', baseline: 4, canary: 3 });
  });

  test('says of which version it is missing', async () => {
    expect(await read(number(4), empty)).toEqual({ ...empty, detail: 'green: no series' });
    expect(await read(empty, number(3))).toEqual({
      kind: 'pair',
      canary: 3,
      baseline: { reason: 'empty', detail: 'blue: no series' },
    });
  });
});
