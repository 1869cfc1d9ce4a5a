import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { pickFreePort } from '../../src/stack/free-port';
import { askHaproxy, type Haproxy } from '../../src/stack/haproxy';
import { startLoad, type Load } from '../../src/stack/load';
import { withoutOtherTemporal } from '../../src/stack/other-temporal';
import type { ProcessSpec } from '../../src/stack/process';
import { launcher } from '../../src/stack/launcher';
import { startSentinelProcess, type SentinelProcess } from '../../src/stack/sentinel';
import { startStack, type Stack } from '../../src/stack/start-stack';
import { receiver } from '../support/receiver';
import { startPlatform, type Platform } from './platform';
import { createRows, type Rows } from './rows';
import { createWorkers, type Workers } from './workers';
import type { World } from './world';

/** One environment with everything it needs of its own; lanes share Temporal, PostgreSQL and Prometheus alone. */
export type Lane = {
  readonly name: string;
  /** Another one after each `renew`. */
  readonly service: string;
  readonly backend: string;
  readonly folder: string;
  readonly haproxy: Haproxy;
  readonly sentinel: SentinelProcess;
  readonly platform: Platform;
  readonly world: World;
  readonly rows: Rows;
  readonly workers: Workers;
  readonly load: Load;
  readonly shopDsn: string;
  readonly storeDsn: string;
  readonly files: { readonly blue: string; readonly green: string; readonly flags: string };
  readonly receiver: Awaited<ReturnType<typeof receiver>>;
  /** Secrets of this lane: they may stand in no history, log or evidence. */
  readonly canaries: readonly string[];
  /** Which points of death the worker is to meet, one a line. */
  arm(points: readonly string[]): void;
  /** Which of them it has met. */
  fired(): readonly Fired[];
  /** The world before the first release: database, slots, weights, files. */
  reset(): Promise<void>;
  /** Takes another service: one whose release was left open lets no other begin. */
  renew(): void;
  close(): Promise<void>;
};

/** A point that a worker met, and the signal it sent itself; `database`, `part`: none, that is to be killed. */
export type Fired = { readonly line: string; readonly signal: string; readonly pid: number; readonly atMs: number };

const root = join(__dirname, '..', '..');
const requestsPerSecond = 50;
/** One broken case uses one up. */
const mostServices = 40;

export async function runSql(dsn: string, text: string): Promise<void> {
  const client = new Client({ connectionString: dsn });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

const deadlock = '40P01';

/** Lays the tables anew under requests that go on: the server ends whoever closes a ring of locks, and that may be us. */
async function layTables(dsn: string, text: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runSql(dsn, text);
    } catch (error) {
      const isDeadlock = typeof error === 'object' && error !== null && 'code' in error && error.code === deadlock;
      if (!isDeadlock || attempt === 10) throw error;
    }
  }
}

/** With a password that the server does not ask for, so that one can look for it where it must not be. */
const withPassword = (dsn: string, password: string): string => dsn.replace('postgres@', `postgres:${password}@`);

function readFired(path: string): readonly Fired[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Fired);
  } catch {
    return [];
  }
}

/** Starts one lane of a world over the shared parts. */
export async function startLane(shared: Stack, index: number, world: World): Promise<Lane> {
  const name = `lane-${index}`;
  const backend = `shop${index}`;
  const services = Array.from({ length: mostServices }, (_, nth) => `${backend}-${nth + 1}`);
  let present = 0;
  const own = await startStack({
    parts: ['haproxy'],
    service: backend,
    keepsRunDirectory: process.env['SPILLWAY_FAULTS_KEEP'] === '1',
  });
  const haproxy = own.haproxy[0];
  if (haproxy === undefined) throw new Error('the lane has no HAProxy');
  const folder = own.runDirectory;
  const canaries = [1, 2, 3, 4].map(() => `canary${randomBytes(12).toString('hex')}`);
  const [storeSecret = '', shopSecret = '', hookSecret = '', token = ''] = canaries;
  const sentinel = await startSentinelProcess(own, { SPILLWAY_SENTINEL_TOKEN: token });
  const sealKey = randomBytes(32).toString('hex');
  const storeDsn = withPassword(await shared.postgres.createDatabase(`store_${index}`), storeSecret);
  const shopDsn = withPassword(await shared.postgres.createDatabase(`shop_${index}`), shopSecret);
  await runSql(shopDsn, world.schemaSql);
  const hook = await receiver();
  const files = {
    blue: join(folder, 'configuration-blue.json'),
    green: join(folder, 'configuration-green.json'),
    flags: join(folder, 'flags.json'),
  };
  const rows = createRows(shopDsn, world);
  const platform = startPlatform(join(folder, 'slots'), { addresses: own.slots, rows });
  const environmentFile = join(folder, 'environment.yaml');
  const policyFile = join(folder, 'policy.yaml');
  writeFileSync(
    environmentFile,
    stringify({
      apiVersion: 'spillway/v1',
      kind: 'environment',
      name,
      store: { dsn: 'env:SPILLWAY_STORE_DSN' },
      sealKey: 'env:SPILLWAY_SEAL_KEY',
      targets: {
        'shop-traffic': {
          kind: 'haproxy',
          backend,
          sockets: [haproxy.socketPath],
          stateFiles: 'none',
          sentinels: [{ url: sentinel.url, token: 'env:SPILLWAY_SENTINEL_TOKEN' }],
        },
        slots: {
          kind: 'exec',
          ...platform.commands,
          urls: { blue: `http://${own.slots.blue}`, green: `http://${own.slots.green}` },
          readyTimeout: '20s',
        },
        database: { kind: 'postgres', dsn: 'env:SPILLWAY_SHOP_DSN' },
        configuration: { kind: 'configuration-file', paths: { blue: files.blue, green: files.green } },
        flags: { kind: 'flag-file', path: files.flags },
        prometheus: { kind: 'prometheus', url: shared.prometheus.url, scrapeInterval: '1s', timeout: '2s' },
        hook: { kind: 'webhook', url: 'env:SPILLWAY_HOOK' },
      },
      services: Object.fromEntries(
        services.map((service) => [
          service,
          {
            traffic: 'shop-traffic',
            deployer: 'slots',
            database: 'database',
            configuration: 'configuration',
            flags: 'flags',
            metrics: 'prometheus',
          },
        ]),
      ),
    }),
  );
  writeFileSync(policyFile, stringify({ apiVersion: 'spillway/v1', kind: 'policy', name: 'faults' }));
  writeFileSync(join(folder, 'temporal.toml'), '[profile.default]\n');
  const pointsFile = join(folder, 'points');
  const firedFile = join(folder, 'fired');
  mkdirSync(folder, { recursive: true });

  const workerSpec = async (nth: number): Promise<ProcessSpec> => {
    const port = await pickFreePort();
    return {
      title: `worker ${nth} of ${name}`,
      command: process.execPath,
      args: [
        ...['--require', join(__dirname, 'killer.js'), launcher, 'worker'],
        ...['--environment', environmentFile, '--policy', policyFile, '--port', String(port), '--grace', '0'],
      ],
      logPath: join(folder, `worker-${nth}.log`),
      cwd: root,
      env: {
        ...withoutOtherTemporal,
        TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
        TEMPORAL_ADDRESS: shared.temporal.address,
        TEMPORAL_NAMESPACE: shared.temporal.namespace,
        SPILLWAY_STORE_DSN: storeDsn,
        SPILLWAY_SHOP_DSN: shopDsn,
        SPILLWAY_SEAL_KEY: sealKey,
        SPILLWAY_SENTINEL_TOKEN: token,
        SPILLWAY_HOOK: `${hook.url}/${hookSecret}`,
        FAULT_POINTS: pointsFile,
        FAULT_FIRED: firedFile,
      },
      stopSignal: 'SIGTERM',
      readyTimeoutMs: 60_000,
      // A worker that is armed may meet its point before it says that it is ready.
      launches: 3,
      isReady: async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true,
    };
  };
  const fired = (): readonly Fired[] => readFired(firedFile);
  const workers = createWorkers(async (nth) => own.add(await workerSpec(nth)), fired);
  const load = startLoad({ url: haproxy.trafficUrl, requestsPerSecond, connections: 8, paths: ['/'] });

  return {
    name,
    get service() {
      return services[present] ?? backend;
    },
    backend,
    folder,
    haproxy,
    sentinel,
    platform,
    world,
    rows,
    workers,
    load,
    shopDsn,
    storeDsn,
    files,
    receiver: hook,
    canaries: [...canaries, sealKey],
    arm(points) {
      writeFileSync(firedFile, '');
      if (points.length > 0) writeFileSync(pointsFile, `${points.join('\n')}\n`);
    },
    fired,
    async reset() {
      writeFileSync(pointsFile, '');
      writeFileSync(files.blue, '{\n "limit": 1,\n "theme": "plain" }\n');
      writeFileSync(files.green, '{"limit":1,"stale":true}\n');
      // In the form in which the engine writes it: flags share a file, whose bytes are nobody's snapshot.
      const flags = { flags: { 'two-names': false, 'stop-checkout': true } };
      writeFileSync(files.flags, `${JSON.stringify(flags, null, 2)}\n`);
      // It would bring the slot back that the last release left in service.
      await sentinel.kill();
      rmSync(join(folder, 'sentinel.json'), { force: true });
      await askHaproxy(
        haproxy.socketPath,
        `set server ${backend}/blue weight 100; set server ${backend}/blue state ready; ` +
          `set server ${backend}/green weight 0; set server ${backend}/green state maint`,
      );
      await layTables(shopDsn, world.schemaSql);
      // The slots begin anew, so what an earlier promotion recorded of them is no longer so.
      await runSql(
        storeDsn,
        "do $$ begin if to_regclass('spillway_store.roles') is not null then delete from spillway_store.roles; end if; end $$",
      );
      await platform.reset();
      await sentinel.start();
      hook.requests.length = 0;
    },
    renew: () => void (present += 1),
    async close() {
      await load.stop();
      await workers.stop();
      await platform.close();
      await hook.close();
      await own.stop();
    },
  };
}
