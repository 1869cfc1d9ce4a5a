import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as Postgres } from 'pg';
import { stringify } from 'yaml';
import { connectClient, type SpillwayClient } from '../../src/client';
import { pickFreePort } from '../../src/stack/free-port';
import { askHaproxy } from '../../src/stack/haproxy';
import { isAnswering } from '../../src/stack/is-answering';
import { withoutOtherTemporal } from '../../src/stack/other-temporal';
import type { Component } from '../../src/stack/process';
import { startStack, type Stack } from '../../src/stack/start-stack';
import { findTool } from '../../src/stack/tools';
import { writeConfig } from './haproxy-config';

const repository = join(__dirname, '..', '..');

type Answer = { readonly firstFailures: { readonly [slotAndService: string]: number }; readonly sent: number };
export type WorkerProcess = Component & { readonly url: string };
type Proxy = { readonly socketPath: string; readonly pid: () => number };

/** Many small services on this machine, and what their releases need. */
export type ScaleStack = {
  readonly stack: Stack;
  readonly client: SpillwayClient;
  readonly proxy: Proxy;
  /** Tells the services and their users how to behave. */
  readonly tell: (orders: Orders) => Promise<Answer>;
  readonly ask: (command: string) => Promise<string>;
  readonly startWorker: (options?: readonly string[]) => Promise<WorkerProcess>;
  /** A worker that calls the same activities from a workflow without anything around them. */
  readonly startBareWorker: () => Promise<Component>;
  readonly countRows: () => Promise<{ readonly [table: string]: number }>;
  readonly stop: () => Promise<void>;
};

type Orders = {
  readonly rates?: { readonly [service: string]: number };
  /** `slot/service` of all that fail from now on. */
  readonly failing?: readonly string[];
};

export type ScaleOptions = {
  /** Names of services; each has a backend, and both slots. */
  readonly services: readonly string[];
  /** The same for the environment `bare`, of which nothing but the workflow differs. */
  readonly bareServices?: readonly string[];
};

async function writeSlotFiles(folder: string, services: readonly string[]): Promise<void> {
  await mkdir(folder);
  for (const service of services) {
    const line = { slot: 'blue', version: '1.0.0', release: 'by-hand', state: 'running', ready: true };
    const none = { slot: 'green', state: 'absent', ready: false };
    await Promise.all([
      writeFile(join(folder, `${service}-blue`), JSON.stringify(line)),
      writeFile(join(folder, `${service}-green`), JSON.stringify(none)),
    ]);
  }
}

function environmentOf(
  name: string,
  services: readonly string[],
  at: { readonly folder: string; readonly socketPath: string; readonly slots: { readonly [slot: string]: number } },
): string {
  const script = join(__dirname, 'slots.sh');
  const act = (verb: string): string[] => [
    ...['/bin/sh', script, verb, at.folder],
    ...['{slot}', '{version}', '{service}', '{release}'],
  ];
  return stringify({
    apiVersion: 'spillway/v1',
    kind: 'environment',
    name,
    store: { dsn: 'env:SPILLWAY_STORE_DSN' },
    sealKey: 'env:SPILLWAY_SEAL_KEY',
    targets: {
      slots: {
        kind: 'exec',
        deploy: act('deploy'),
        status: ['cat', join(at.folder, '{service}-{slot}')],
        drain: ['true'],
        undeploy: act('undeploy'),
        urls: { blue: `http://127.0.0.1:${at.slots['blue']}`, green: `http://127.0.0.1:${at.slots['green']}` },
        commandTimeout: '30s',
      },
      ...Object.fromEntries(
        services.map((service) => [`t-${service}`, { kind: 'haproxy', backend: service, sockets: [at.socketPath] }]),
      ),
    },
    services: Object.fromEntries(services.map((service) => [service, { traffic: `t-${service}`, deployer: 'slots' }])),
  });
}

async function addHaproxy(stack: Stack, config: Parameters<typeof writeConfig>[0]): Promise<Component> {
  const path = join(stack.runDirectory, 'scale.cfg');
  await writeFile(path, writeConfig(config));
  return stack.add({
    title: 'HAProxy',
    command: findTool('haproxy'),
    args: ['-db', '-f', path],
    logPath: join(stack.runDirectory, 'scale-haproxy.log'),
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 20_000,
    isReady: () =>
      askHaproxy(config.socketPath, 'show info')
        .then((text) => text.includes('Pid:'))
        .catch(() => false),
  });
}

const runTypescript = (file: string, ...rest: readonly (string | number)[]): string[] => [
  join(repository, 'bench', 'run.mjs'),
  join(__dirname, file),
  ...rest.map(String),
];

/** Starts Temporal, PostgreSQL, one HAProxy with a backend a service, the services and their users; no worker yet. */
export async function startScaleStack({ services, bareServices = [] }: ScaleOptions): Promise<ScaleStack> {
  const stack = await startStack({
    parts: ['temporal', 'postgres'],
    temporal: { headless: true },
    keepsRunDirectory: process.env['SPILLWAY_BENCH_KEEP'] === '1',
  });
  try {
    const all = [...services, ...bareServices];
    const slots = { blue: await pickFreePort(), green: await pickFreePort() };
    const [trafficPort, controlPort] = [await pickFreePort(), await pickFreePort()];
    const at = { folder: join(stack.runDirectory, 'slots'), slots, socketPath: join(stack.runDirectory, 'scale.sock') };
    await writeSlotFiles(at.folder, all);
    const env = {
      ...withoutOtherTemporal,
      TEMPORAL_CONFIG_FILE: join(stack.runDirectory, 'temporal.toml'),
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_NAMESPACE: stack.temporal.namespace,
      SPILLWAY_STORE_DSN: await stack.postgres.createDatabase('spillway'),
      SPILLWAY_SEAL_KEY: randomBytes(32).toString('hex'),
    };
    const policyFile = join(stack.runDirectory, 'policy.yaml');
    const environmentFile = (name: string): string => join(stack.runDirectory, `environment-${name}.yaml`);
    await Promise.all([
      writeFile(env.TEMPORAL_CONFIG_FILE, '[profile.default]\n'),
      writeFile(policyFile, stringify({ apiVersion: 'spillway/v1', kind: 'policy', name: 'scale' })),
      writeFile(environmentFile('scale'), environmentOf('scale', services, at)),
      writeFile(environmentFile('bare'), environmentOf('bare', bareServices, at)),
    ]);
    const haproxy = await addHaproxy(stack, { backends: all, slots, trafficPort, socketPath: at.socketPath });
    const control = `http://127.0.0.1:${controlPort}/`;
    const addNode = (title: string, args: readonly string[], isReady: () => Promise<boolean>): Promise<Component> =>
      stack.add({
        title,
        command: process.execPath,
        args,
        logPath: join(stack.runDirectory, `${title.replaceAll(' ', '-')}.log`),
        env,
        stopSignal: 'SIGTERM',
        readyTimeoutMs: 60_000,
        isReady,
      });
    await addNode('services', runTypescript('world.ts', slots.blue, slots.green, trafficPort, controlPort), () =>
      isAnswering(control),
    );
    let workers = 0;
    const store = env.SPILLWAY_STORE_DSN;
    return {
      stack,
      client: await connectClient({
        env: Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined)),
      }),
      proxy: { socketPath: at.socketPath, pid: () => haproxy.pid() ?? 0 },
      tell: async (orders) =>
        (await (await fetch(control, { method: 'POST', body: JSON.stringify(orders) })).json()) as Answer,
      ask: (command) => askHaproxy(at.socketPath, command),
      startWorker: async (options = []) => {
        const port = await pickFreePort();
        const url = `http://127.0.0.1:${port}`;
        workers += 1;
        const files = ['--environment', environmentFile('scale'), '--policy', policyFile];
        const worker = await addNode(
          `worker ${workers}`,
          [
            ...(process.env['SPILLWAY_BENCH_PROFILE'] === '1'
              ? ['--cpu-prof', '--cpu-prof-dir=/tmp/spillway-profile']
              : []),
            join(repository, 'bin', 'spillway.js'),
            'worker',
            ...files,
            '--port',
            String(port),
            '--grace',
            '1',
            ...options,
          ],
          () => isAnswering(`${url}/readyz`),
        );
        return { ...worker, url };
      },
      startBareWorker: () => {
        const readyFile = join(stack.runDirectory, 'bare-worker-is-ready');
        return addNode(
          'bare worker',
          runTypescript('bare/worker.ts', environmentFile('bare'), policyFile, readyFile),
          () => Promise.resolve(existsSync(readyFile)),
        );
      },
      countRows: () => countRows(store),
      stop: () => stack.stop(),
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function countRows(dsn: string): Promise<{ readonly [table: string]: number }> {
  const client = new Postgres({ connectionString: dsn });
  await client.connect();
  try {
    const tables = ['releases', 'evidence', 'samples', 'outbox', 'roles'];
    const counts = tables.map((table) => `(select count(*)::int from spillway_store.${table}) as ${table}`);
    const { rows } = await client.query<{ [table: string]: number }>(`select ${counts.join(', ')}`);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

/** Heartbeats that a worker has sent to Temporal so far, by its own metrics. */
export async function countHeartbeats({ url }: WorkerProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^temporal_request_total\{[^}]*operation="RecordActivityTaskHeartbeat"[^}]*\} (\d+)/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}
