import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program';
import { connectClient, type SpillwayClient } from '../../src/client';
import { startHaproxy, type HaproxyRig } from '../support/haproxy';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { startRig, startTemporal, type Rig } from '../support/release-rig';
import { sentinelToken, startSentinel, type SentinelProcess } from '../support/sentinel';
import { temporaryDirectory } from '../support/temporary-directory';
import { createTestIo } from '../support/test-io';
import { until } from '../support/until';

type Check = { readonly name: string; readonly isGood: boolean; readonly detail: string };

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let postgres: TestPostgres;
let haproxy: HaproxyRig;
let rig: Rig;
let client: SpillwayClient;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const sentinels: SentinelProcess[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  temporal = await startTemporal();
  postgres = await startTestPostgres();
  haproxy = await startHaproxy({ slots: { blue: '127.0.0.1:9', green: '127.0.0.1:9' } });
  rig = await startRig(temporal.connection);
  client = await connectClient({ address: temporal.stack.temporal.address, env: {} });
});
afterEach(async () => {
  for (const sentinel of sentinels.splice(0)) await sentinel.close();
});
afterAll(async () => {
  await client.close();
  await rig.close();
  await haproxy.close();
  await postgres.stop();
  await temporal.close();
  await directory.remove();
});

/** A sentinel whose file names a target and the sockets of its proxies; ready once it has looked at them or cannot. */
async function begin(sockets = haproxy.sockets, target = 'edge'): Promise<SentinelProcess> {
  const sentinel = await startSentinel(sockets, target);
  sentinels.push(sentinel);
  await until('it has tried to look', async () => {
    const found = (await sentinel.port.status()).targets[target];
    return found !== undefined && (found.lastLookAgeMs !== null || found.unreachable.length > 0);
  });
  return sentinel;
}

/** The doctor's word on an environment whose proxy these sentinels guard. */
async function doctor(
  guards: readonly SentinelProcess[],
  { token = sentinelToken, stateFiles = 'none' }: { token?: string; stateFiles?: 'none' | readonly string[] } = {},
) {
  const environmentFile = join(directory.path, 'environment.yaml');
  const edge = {
    kind: 'haproxy',
    backend: 'shop',
    sockets: haproxy.sockets,
    stateFiles,
    sentinels: guards.map((each) => ({ url: each.url(), token: 'env:SENTINEL_TOKEN' })),
  };
  const environment = {
    apiVersion: 'spillway/v1',
    kind: 'environment',
    name: rig.environment,
    store: { dsn: 'env:STORE_DSN' },
    sealKey: 'env:SEAL_KEY',
    targets: { edge },
    services: {},
  };
  await writeFile(environmentFile, JSON.stringify(environment));
  const env = { STORE_DSN: postgres.dsn, SEAL_KEY: 'k'.repeat(64), SENTINEL_TOKEN: token };
  const test = createTestIo({ client, env });
  const code = await runCli(['doctor', '--environment-file', environmentFile, '--json'], test.io);
  const { checks } = JSON.parse(test.out()) as { readonly checks: readonly Check[] };
  const ofSentinels = checks.filter(({ name }) => /sentinel/.test(name));
  const ofStateFiles = checks.find(({ name }) => name === 'state files of edge');
  return {
    code,
    ofSentinels,
    ofStateFiles,
    others: checks.filter((each) => !each.isGood && !ofSentinels.includes(each)),
  };
}

test('the doctor finds a living sentinel, its last look and the lease that it holds', async () => {
  const sentinel = await begin();
  const idle = await doctor([sentinel]);
  expect(idle).toMatchObject({ code: 0, others: [], ofSentinels: [{ isGood: true }] });
  expect(idle.ofSentinels[0]?.name).toContain('for edge');
  expect(idle.ofSentinels[0]?.detail).toMatch(/^looked \d+ ms ago, no lease$/);
  const roles = { baseline: 'blue', canary: 'green' } as const;
  await sentinel.port.hold('edge', { release: 'r1', roles, phase: 'exposing', ceilingPercent: 25, ttlMs: 60_000 });
  const { code, ofSentinels } = await doctor([sentinel]);
  expect([code, ofSentinels[0]?.detail]).toEqual([0, expect.stringMatching(/, lease of r1 held$/)]);
});

test('the doctor names the one of two sentinels that is away, and exits with 1', async () => {
  const [here, away] = [await begin(), await begin()];
  await away.stop();
  const { code, ofSentinels, others } = await doctor([here, away]);
  expect([code, others]).toEqual([1, []]);
  expect(ofSentinels.map(({ isGood }) => isGood)).toEqual([true, false]);
  expect(ofSentinels[1]?.name).toContain(new URL(away.url()).host);
  expect(ofSentinels[1]?.detail).toMatch(/is not to be reached\. Look whether `spillway sentinel` runs there/);
});

test('the doctor says that the file of a sentinel names another target', async () => {
  const { code, ofSentinels, others } = await doctor([await begin(haproxy.sockets, 'another')]);
  expect([code, others]).toEqual([1, []]);
  const detail = "it does not guard this target: name it in the sentinel's file.";
  expect(ofSentinels).toMatchObject([{ isGood: false, detail }]);
});

test('the doctor says which socket a sentinel does not reach, though another one answers', async () => {
  const missing = join(directory.path, 'missing.sock');
  const { code, ofSentinels, others } = await doctor([await begin([...haproxy.sockets, missing])]);
  expect([code, others]).toEqual([1, []]);
  expect(ofSentinels).toMatchObject([{ isGood: false, detail: expect.stringContaining(missing) as string }]);
});

test('the doctor says what a crash of the proxy does to the weights', async () => {
  const { code, ofStateFiles } = await doctor([]);
  expect([code, ofStateFiles?.isGood]).toEqual([0, true]);
  expect(ofStateFiles?.detail).toMatch(/^none: .*crashes or is reloaded begins with the weights of its configuration/);
  const kept = await doctor([], { stateFiles: ['/run/haproxy.state'] });
  expect(kept.ofStateFiles?.detail).toBe('/run/haproxy.state: a crash keeps the split');
});

test('the doctor says that a sentinel has another token', async () => {
  const { code, ofSentinels, others } = await doctor([await begin()], { token: 'a token of somebody else' });
  expect([code, others]).toEqual([1, []]);
  expect(ofSentinels).toMatchObject([
    { isGood: false, detail: expect.stringContaining('does not take our token') as string },
  ]);
});

test('the doctor says what a sentinel alarms about', async () => {
  const sentinel = await begin();
  const roles = { baseline: 'blue', canary: 'green' } as const;
  await sentinel.port.hold('edge', { release: 'r1', roles, phase: 'promoting', ceilingPercent: 100, ttlMs: 60_000 });
  sentinel.pass(60_000);
  await until('it alarms', async () => (await sentinel.port.status()).targets['edge']?.alarm !== undefined);
  const { code, ofSentinels } = await doctor([sentinel]);
  expect(code).toBe(1);
  expect(ofSentinels[0]?.detail).toMatch(/^the engine went silent while it promoted/);
});
