import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPrometheusMetrics } from '../../../src/adapters/metrics/prometheus';
import { createPrometheusHistory } from '../../../src/adapters/metrics/prometheus-history';

const answer =
  (status: number, body: string, headers: { readonly [name: string]: string } = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);
const success = (data: unknown) => answer(200, JSON.stringify({ status: 'success', data }));
const vector = (...values: readonly string[]) =>
  success({
    resultType: 'vector',
    result: values.map((value, index) => ({ metric: { i: `${index}` }, value: [1, value] })),
  });
const hang: RequestListener = () => undefined;
const trickle: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('{');
};
const breakOff: RequestListener = (incoming, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('{', () => incoming.socket.destroy());
};
const html = '<html>a login page</html>';

const cases: readonly (readonly [string, RequestListener, string, RegExp])[] = [
  ['an HTML page', answer(200, html), 'error', /no Prometheus answer.*login/],
  ['an HTML page with status 502', answer(502, html), 'error', /HTTP 502/],
  [
    'a refused query',
    answer(400, '{"status":"error","errorType":"bad_data","error":"parse error"}'),
    'error',
    /parse error/,
  ],
  [
    'an overload',
    answer(503, '{"status":"error","errorType":"timeout","error":"query timed out"}'),
    'error',
    /timed out/,
  ],
  ['a missing path', answer(404, '404 page not found'), 'error', /HTTP 404/],
  [
    'JSON of another kind',
    answer(200, '{"status":"success","data":{"resultType":"streams","result":[]}}'),
    'error',
    /check the URL/,
  ],
  ['nothing at all', answer(200, ''), 'error', /check the URL/],
  ['a redirect', answer(302, '', { location: 'http://127.0.0.1:1/' }), 'error', /redirects.*not followed/],
  ['a huge answer', answer(200, ' '.repeat(1_100_000)), 'too-large', /more than 1000000 bytes/],
  ['silence', hang, 'unreachable', /no complete answer within 300 ms/],
  ['half an answer and silence', trickle, 'unreachable', /no complete answer within 300 ms/],
  ['half an answer and a closed connection', breakOff, 'unreachable', /api\/v1\/query/],
];

describe('a metrics system that answers badly', () => {
  let server: Server;
  const listen = async (listener: RequestListener) => {
    server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prom`, timeoutMs: 300 };
  };
  const serve = async (listener: RequestListener) =>
    createPrometheusMetrics({ ...(await listen(listener)), scrapeIntervalMs: 1000 });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it.each(cases)('makes a missing number of %s', async (_, listener, reason, detail) => {
    const port = await serve(listener);
    const missing = { kind: 'missing', reason, detail: expect.stringMatching(detail) as string };
    expect(await port.value('up')).toMatchObject(missing);
    expect(await port.increase('up', Date.now() - 1000)).toMatchObject(missing);
    expect(await port.increaseBy('up', 'le', Date.now() - 1000)).toMatchObject(missing);
  });

  it.each(cases)('makes a missing past of %s', async (_, listener, reason, detail) => {
    const history = createPrometheusHistory(await listen(listener));
    const missing = { kind: 'missing', reason, detail: expect.stringMatching(detail) as string };
    const lastMinute = { fromMs: Date.now() - 60_000, toMs: Date.now() };
    expect(await history.values('up', lastMinute, 1_000)).toMatchObject(missing);
    expect(await history.samples('up', lastMinute)).toMatchObject(missing);
  });

  it('makes a missing number of several series, none, and what is no number', async () => {
    let listener = vector('1', '2');
    const port = await serve((incoming, response) => listener(incoming, response));
    expect(await port.value('up')).toMatchObject({ kind: 'missing', reason: 'error' });
    listener = vector();
    expect(await port.value('up')).toMatchObject({ kind: 'missing', reason: 'empty' });
    listener = vector('NaN');
    expect(await port.value('up')).toMatchObject({ kind: 'missing', reason: 'not-a-number' });
  });

  it('asks below the path of its URL, with the query in the body', async () => {
    const asked: string[] = [];
    const port = await serve((incoming, response) => {
      incoming.setEncoding('utf8').on('data', (text: string) => asked.push(`${incoming.url} ${text}`));
      incoming.on('end', () => success({ resultType: 'scalar', result: [1, '2'] })(incoming, response));
    });
    expect(await port.value('1 + 1')).toEqual({ kind: 'number', value: 2, atMs: 1000 });
    expect(asked[0]).toMatch(/^\/prom\/api\/v1\/query query=1\+%2B\+1&time=[\d.]+$/);
  });

  it('asks for the past from one moment to another, step by step', async () => {
    const asked: string[] = [];
    const target = await listen((incoming, response) => {
      incoming.setEncoding('utf8').on('data', (text: string) => asked.push(`${incoming.url} ${text}`));
      const values = [
        [10, '1'],
        [20, 'NaN'],
        [30, '3'],
      ];
      incoming.on('end', () => success({ resultType: 'matrix', result: [{ metric: {}, values }] })(incoming, response));
    });
    const history = createPrometheusHistory(target);
    expect(await history.values('sum(up)', { fromMs: 0, toMs: 30_000 }, 10_000)).toEqual({
      kind: 'series',
      series: [
        {
          labels: {},
          points: [
            { atMs: 10_000, value: 1 },
            { atMs: 20_000, value: NaN },
            { atMs: 30_000, value: 3 },
          ],
        },
      ],
    });
    expect(asked.map((text) => decodeURIComponent(text))).toEqual([
      '/prom/api/v1/query query=(sum(up)\n)[30000ms:10000ms]&time=30.000',
    ]);
  });

  it('adds up the buckets of a native histogram, those that were empty at first too', async () => {
    const nowS = Date.now() / 1_000;
    const sample = (agoS: number, ...buckets: readonly (readonly [string, string])[]) => [
      nowS - agoS,
      { count: '0', sum: '0', buckets: buckets.map(([right, count]) => [0, '0', right, count]) },
    ];
    const histograms = [sample(2, ['0.25', '10']), sample(0.5, ['0.25', '14'], ['0.5', '3'])];
    const now = success({ resultType: 'matrix', result: [{ metric: { pod: 'a' }, histograms }] });
    const before = success({ resultType: 'vector', result: [{ metric: { pod: 'a' }, histogram: histograms[0] }] });
    const port = await serve((incoming, response) => {
      incoming
        .setEncoding('utf8')
        .on('data', (text: string) => (text.includes('last_over_time') ? before : now)(incoming, response));
    });
    expect(await port.increaseBy('took', 'le', Date.now() - 1_500)).toMatchObject({
      kind: 'sums',
      sums: { '0.25': 4, '0.5': 7, '+Inf': 7 },
      isNative: true,
    });
  });

  it('makes no number of a native histogram, and says what does', async () => {
    const histogram = [1, { count: '1', sum: '1' }];
    const port = await serve(success({ resultType: 'vector', result: [{ metric: {}, histogram }] }));
    expect(await port.value('took')).toMatchObject({
      reason: 'error',
      detail: expect.stringMatching(/fraction/) as string,
    });
  });

  it('refuses to add up more than an hour', async () => {
    const port = await serve(hang);
    expect(await port.increase('up', Date.now() - 4_000_000)).toMatchObject({ kind: 'missing', reason: 'too-large' });
  });
});

it('says where nobody listens', async () => {
  const port = createPrometheusMetrics({ url: 'http://127.0.0.1:1', scrapeIntervalMs: 1000, timeoutMs: 1000 });
  expect(await port.value('up')).toMatchObject({
    kind: 'missing',
    reason: 'unreachable',
    detail: expect.stringContaining('http://127.0.0.1:1/api/v1/query') as string,
  });
});
