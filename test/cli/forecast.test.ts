import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import { createTestIo } from '../support/test-io';

let folder: string;
let server: Server;
let asked: URLSearchParams[];
/** What the counters of a selector grew by in each block of five minutes. */
let growth: (query: string) => number;

/** The times of a subquery, in seconds. */
function timesOf(form: URLSearchParams) {
  const [, length, step] = /\[(\d+)ms:(\d+)ms\]$/.exec(form.get('query') ?? '') ?? [];
  if (length === undefined || step === undefined) throw new Error('not over time');
  const toS = Number(form.get('time'));
  return { fromS: toS - Number(length) / 1_000, toS, stepS: Number(step) / 1_000 };
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-forecast-'));
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const form = new URLSearchParams(body);
      asked.push(form);
      const { fromS, toS, stepS } = timesOf(form);
      const values: [number, string][] = [];
      for (let at = Math.floor(fromS / stepS + 1) * stepS; at <= toS; at += stepS)
        values.push([at, String(growth(form.get('query') ?? ''))]);
      response.end(
        JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values }] } }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string => path.join(folder, name);

async function plan(metrics: string, ...more: readonly string[]) {
  const write = createTestIo({ directory: folder });
  await runCli(['init', folder, '--service', 'shop'], write.io);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = (await readFile(at('environment.yaml'), 'utf8'))
    .replace('services:', `  prometheus: { kind: prometheus, url: "${url}" }\nservices:`)
    .replace('deployer: slots,', 'deployer: slots, metrics: prometheus,');
  await writeFile(at('environment.yaml'), environment);
  const descriptor = (await readFile(at('release.yaml'), 'utf8')).replace(
    '  http-errors: { max: baseline + 0.5% } # answers 5xx, counted by the proxy itself\n',
    metrics,
  );
  await writeFile(at('release.yaml'), descriptor);
  const test = createTestIo({ directory: folder });
  const files = ['--environment-file', at('environment.yaml'), '--policy-file', at('policy.yaml')];
  const code = await runCli(['plan', at('release.yaml'), '--offline', ...files, ...more], test.io);
  return { code, out: test.out(), err: test.err() };
}

const errors = '  http-errors: { preset: http-errors }\n';

it('says what each stage can find at the traffic of the last hours', async () => {
  // 20 requests a second, all by blue, 0.1 % bad.
  growth = (query) => (query.includes('green') ? 0 : query.includes('5xx') ? 6 : 6_000);
  const { code, out } = await plan(errors);
  expect(code).toBe(0);
  expect(out).toContain('Forecast, from the last 3h of traffic');
  expect(out.replace(/\s+/g, ' ')).toContain(
    '1.5 times what any rule needs at least: an aim of the engine, not measured',
  );
  expect(out).toContain('http-errors: 20 requests a second, 0.1 % bad, dispersion 1');
  expect(out).toMatch(/expose-5 http-errors: from [\d.]+ % on can be found in 10m/);
  const blue = 'sum(increase(haproxy_server_http_responses_total{proxy="shop",server="blue"}[5m]))';
  const times = asked.filter((form) => form.get('query')?.includes(blue)).map(timesOf);
  expect(times.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0)).toBeCloseTo(3 * 3_600 - 300);
});

it('warns of a stage that cannot keep its promise, and says how much load is missing', async () => {
  growth = (query) => (query.includes('green') ? 0 : query.includes('5xx') ? 0.3 : 300);
  const { out } = await plan(errors);
  const flat = out.replace(/\s+/g, ' ');
  expect(flat).toMatch(
    /expose-5 http-errors: .*WARNING: the limit of 0\.6 % takes about .*requests a second of synthetic load/,
  );
});

it('gives the forecast as data', async () => {
  growth = (query) => (query.includes('green') ? 0 : query.includes('le=~') ? 5_900 : 6_000);
  const { out } = await plan(
    '  slow: { preset: http-latency, convention: opentelemetry }\n',
    '--json',
    '--traffic',
    '1h',
  );
  const { forecast } = JSON.parse(out) as { forecast: { overMs: number; traffic: object; stages: readonly object[] } };
  expect(forecast).toMatchObject({ overMs: 3_600_000, traffic: { slow: { requestsPerSecond: 20, dispersion: 1 } } });
  expect(forecast.stages).toContainEqual(expect.objectContaining({ stageId: 'expose-25', outcome: 'extends' }));
});

it('says why there is no forecast, and shows the plan all the same', async () => {
  growth = () => 0;
  const { code, out, err } = await plan(errors);
  expect(code).toBe(0);
  expect(out).not.toContain('Forecast');
  expect(err).toContain('No forecast for http-errors: no request in haproxy_server_http_responses_total');
});

it('refuses a time too short to see any traffic', async () => {
  const { code, err } = await plan(errors, '--traffic', '5m');
  expect(code).toBe(1);
  expect(err).toContain('--traffic wants a duration of at least 15m');
});
