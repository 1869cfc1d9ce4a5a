import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPrometheusHistory } from '../../src/adapters/metrics/prometheus-history';
import { createPastMetrics } from '../../src/look-back/backtest/history-port';
import { seededRandom } from '../../src/core/seeded-random';
import { drawBinomial } from '../../src/look-back/backtest/draw-binomial';
import { runCli } from '../../src/cli/program';
import { startHistory, type HistoryRig, type PastSample } from '../support/prometheus-history';
import { createTestIo } from '../support/test-io';

const startMs = Date.UTC(2026, 0, 5, 0, 0, 0);
const stepMs = 15_000;
const hours = 3;
const random = seededRandom(11);

type Instance = {
  readonly service: string;
  readonly instance: string;
  readonly errorShare: number;
  /** Nothing is known of it between these hours. */
  readonly goneFrom?: number;
  readonly goneTo?: number;
  readonly slot?: string;
  readonly queueLength?: number;
};

function pastOf({ service, instance, errorShare, goneFrom = 99, goneTo = 99, ...given }: Instance): PastSample[] {
  const { slot = 'blue', queueLength = 10 } = given;
  const samples: PastSample[] = [];
  let [total, bad] = [1_000, 10];
  for (let atMs = startMs - 600_000; atMs <= startMs + hours * 3_600_000; atMs += stepMs) {
    const hour = (atMs - startMs) / 3_600_000;
    // It was restarted after an hour, so its counters begin again.
    if (Math.abs(hour - 1) < 1e-9) [total, bad] = [0, 0];
    const requests = 150;
    total += requests;
    bad += drawBinomial(requests, errorShare, random);
    if (hour > goneFrom && hour < goneTo) continue;
    const labels = `{service="${service}",slot="${slot}",instance="${instance}"}`;
    samples.push(
      { series: `requests_total${labels}`, value: total, atMs },
      { series: `failed_total${labels}`, value: bad, atMs },
      { series: `queue_length${labels}`, value: queueLength * (0.9 + 0.2 * random()), atMs },
    );
  }
  return samples;
}

const instances: readonly Instance[] = [
  ...['a:1', 'b:1', 'c:1'].map((instance) => ({ service: 'even', instance, errorShare: 0.01 })),
  { service: 'uneven', instance: 'a:1', errorShare: 0.001 },
  { service: 'uneven', instance: 'b:1', errorShare: 0.2, queueLength: 30 },
  { service: 'lonely', instance: 'a:1', errorShare: 0.01, slot: 'green' },
  ...['a:1', 'b:1'].map((instance) => ({ service: 'gappy', instance, errorShare: 0.01, goneFrom: 1, goneTo: 2 })),
];

const environment = (url: string): string => `apiVersion: spillway/v1
kind: environment
name: production
store: { dsn: env:STORE_DSN }
sealKey: env:SEAL_KEY
targets:
  edge: { kind: haproxy, backend: shop, sockets: [/run/haproxy.sock], stateFiles: none }
  slots:
    kind: exec
    deploy: [deploy]
    status: [status]
    drain: [drain]
    undeploy: [undeploy]
    urls: { blue: 'http://127.0.0.1:1', green: 'http://127.0.0.1:2' }
  prometheus: { kind: prometheus, url: '${url}', scrapeInterval: 15s }
services:
  shop: { traffic: edge, deployer: slots, metrics: prometheus }
`;

const descriptor = (service: string): string => `apiVersion: spillway/v1
service: shop
version: '2.0.0'
environment: production
hypothesis: { change: something, keep: the rest }
owners: { lead: ada }
stages: [{ canaryPercent: 30, bakeTime: 10m, minRequests: 100 }]
fullExposure: { holdbackPercent: 10, rollbackWindow: 10m, minRequests: 100 }
metrics:
  failed:
    source: prometheus
    bad: failed_total{service="${service}",slot="$slot"}
    total: requests_total{service="${service}",slot="$slot"}
    max: baseline + 1%
`;

const queueDescriptor = (service: string): string =>
  descriptor(service).replace(
    /metrics:[^]*$/,
    `metrics:
  queue:
    source: prometheus
    value: avg(queue_length{service="${service}",slot="$slot"})
    max: baseline * 1.5
    method: mann-whitney
`,
  );

let folder: string;
let history: HistoryRig;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-backtest-'));
  history = await startHistory(instances.flatMap(pastOf));
  await writeFile(path.join(folder, 'environment.yaml'), environment(history.url));
}, 60_000);
afterAll(async () => {
  await history.close();
  await rm(folder, { recursive: true, force: true });
});

async function backtest(text: string, ...more: readonly string[]) {
  const file = path.join(folder, 'release.yaml');
  await writeFile(file, text);
  const test = createTestIo({ directory: folder });
  const window = [
    '--from',
    new Date(startMs).toISOString(),
    '--to',
    new Date(startMs + hours * 3_600_000).toISOString(),
  ];
  const code = await runCli(['backtest', file, ...window, ...more], test.io);
  return { code, out: test.out(), err: test.err() };
}

type Result = {
  readonly windows: number;
  readonly judged: number;
  readonly falseAlarms: number;
  readonly withoutData: number;
  readonly upperBound: number;
  readonly windowList: readonly { readonly isDealt: boolean; readonly slot: string; readonly reason: string }[];
};

async function resultOf(service: string, ...more: readonly string[]): Promise<Result> {
  const { out } = await backtest(descriptor(service), '--json', ...more);
  return JSON.parse(out) as Result;
}

test('instances that are alike cry no wolf, restarts included', async () => {
  const found = await resultOf('even');
  expect(found).toMatchObject({ windows: 8, judged: 8, falseAlarms: 0, withoutData: 0 });
  // 1 − 0.05^(1/8), the bound of Clopper and Pearson where nothing was seen.
  expect(found.upperBound).toBeCloseTo(1 - 0.05 ** (1 / 8), 9);
  expect(found.windowList.some(({ isDealt }) => isDealt)).toBe(false);
});

test('an instance that is worse than the other cries wolf whenever it plays the canary', async () => {
  const { code, out, err } = await backtest(descriptor('uneven'));
  expect(code).toBe(0);
  expect(out.match(/cried wolf/g)).toHaveLength(4);
  expect(err).toMatch(/8 releases of nothing new: 4 would have been rolled back \(50 %, at most \d+ % with 95 %/);
});

test('a single instance is dealt to both arms, says so, and does so again', async () => {
  const found = await resultOf('lonely');
  expect(found).toMatchObject({ judged: 8, falseAlarms: 0 });
  expect(found.windowList.every(({ isDealt, slot }) => isDealt && slot === 'green')).toBe(true);
  expect(await resultOf('lonely')).toEqual(found);
  expect((await backtest(descriptor('lonely'))).err).toMatch(/fewer than two instances .* label instance/);
});

test('an hour without samples is told, and is no pass', async () => {
  const found = await resultOf('gappy');
  expect(found.withoutData).toBeGreaterThanOrEqual(2);
  expect(found.judged + found.withoutData).toBe(found.windows);
});

test('a series that never was ends with 5: nothing can be said', async () => {
  const { code, err } = await backtest(descriptor('nobody'));
  expect(code).toBe(5);
  expect(err).toMatch(/none had data: nothing can be said/);
});

test('a Prometheus that is away is no data, and its address is named', async () => {
  const { code, out } = await backtest(descriptor('even'), '--prometheus', 'http://127.0.0.1:1/');
  expect(code).toBe(5);
  expect(out).toMatch(/no data .*unreachable.*127\.0\.0\.1:1/);
});

test('a bucket of a histogram grows by what its own series grew by, of one arm', async () => {
  const clock = { nowMs: startMs + 600_000 };
  const stretch = { fromMs: startMs, toMs: startMs + 1_200_000 };
  const past = createPastMetrics(createPrometheusHistory({ url: history.url, timeoutMs: 5_000 }), {
    stretch,
    clock,
    scrapeIntervalMs: stepMs,
  });
  const port = past.portOf(({ instance }) => instance !== 'c:1');
  const found = await port.increaseBy('requests_total{service="even"}', 'instance', startMs);
  expect(found).toEqual({ kind: 'sums', sums: { 'a:1': 40 * 150, 'b:1': 40 * 150 }, atMs: clock.nowMs });
  expect(await port.increaseBy('nothing_total', 'le', startMs)).toMatchObject({ kind: 'missing', reason: 'empty' });
});

test('a value beside the baseline’s cries wolf where one instance has more of it than the other', async () => {
  const of = async (service: string) => JSON.parse((await backtest(queueDescriptor(service), '--json')).out) as Result;
  expect(await of('even')).toMatchObject({ windows: 8, judged: 8, falseAlarms: 0 });
  const uneven = await of('uneven');
  expect(uneven).toMatchObject({ windows: 8, judged: 8, falseAlarms: 4 });
  expect(uneven.windowList.map(({ reason }) => reason).join()).toMatch(/queue: canary .*High of \d+ readings each/);
});

test('a value beside the baseline’s is not judged where there is one instance, and that is said', async () => {
  const { code, err } = await backtest(queueDescriptor('lonely'));
  expect(code).toBe(5);
  expect(err).toMatch(/Values that were not judged: queue\. They are compared between two instances/);
});

test('windows may overlap', async () => {
  expect(await resultOf('even', '--every', '10m')).toMatchObject({ windows: 16, falseAlarms: 0 });
});

const onlyProxy = descriptor('even').replace(/metrics:[^]*$/, '');

test.each([
  [
    'a stretch shorter than a release',
    descriptor('even'),
    ['--from', '5m', '--to', 'now'],
    /one release of this plan takes 20m/,
  ],
  ['metrics of the proxy alone', onlyProxy, [], /No metric .*read from Prometheus \(http-errors\)/],
  ['a time that is none', descriptor('even'), ['--from', 'monday'], /--from wants a time/],
  ['a seed that is none', descriptor('even'), ['--seed', 'x'], /--seed wants a whole number/],
])('%s is refused', async (_name, text, more, wanted) => {
  const { code, err } = await backtest(text, ...more);
  expect(code).toBe(1);
  expect(err).toMatch(wanted);
});
