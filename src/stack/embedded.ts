import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { pickFreePort } from './free-port';
import { askHaproxy, cohortMapIn } from './haproxy';
import { isAnswering } from './is-answering';
import { startSentinelProcess, type SentinelProcess } from './sentinel';
import { withoutOtherTemporal } from './other-temporal';
import type { Component } from './process';
import { runSlotctl, shopDirectory, shopSchema, slotConfigurationPath, supervisorSpec } from './shop';
import { launcher } from './launcher';
import { startStack, type Stack, type StackOptions } from './start-stack';

export type EmbeddedOptions = Pick<StackOptions, 'haproxyCount' | 'keepsRunDirectory' | 'temporal' | 'postgres'> & {
  /** Name of the environment. Default `local`. */
  readonly name?: string;
  /** Put into the shop's environment, e.g. SHOP_FAIL_AFTER_MS. */
  readonly shopEnvironment?: { readonly [name: string]: string };
  /** Rules that the policy file states beside its name. */
  readonly policy?: { readonly [key: string]: unknown };
  /** How many workers are started. Default 1; 0 leaves that to the caller. */
  readonly workers?: number;
  /** Whether a sentinel guards the proxies. Default false. */
  readonly sentinel?: boolean;
  /** Whether users keep their version by their identity, and tenants may be exposed alone. Default false. */
  readonly hasCohorts?: boolean;
  /** Whether the worker keeps the state files of the proxies. Default false. */
  readonly keepsState?: boolean;
  /** Targets beside those of the shop, e.g. webhooks. */
  readonly targets?: { readonly [name: string]: unknown };
};

/** The whole of a small company on this machine: stack, shop in version 1, environment, policy and worker. */
export type Embedded = {
  readonly stack: Stack;
  readonly name: string;
  readonly environmentFile: string;
  readonly policyFile: string;
  /** What a worker and the command line need in their environment. */
  readonly env: { readonly [name: string]: string };
  readonly supervisor: Component;
  readonly workers: readonly WorkerProcess[];
  /** Beside the proxies, with a token and credentials of its own; undefined unless asked for. */
  readonly sentinel: SentinelProcess | undefined;
  readonly shopDsn: string;
  readonly storeDsn: string;
  addWorker(): Promise<WorkerProcess>;
  slotctl(verb: string, options: { readonly [name: string]: string }): Promise<{ readonly [key: string]: unknown }>;
  stop(): Promise<void>;
};

const sentinelToken = 'env:SPILLWAY_SENTINEL_TOKEN';

type WorkerProcess = Component & { readonly url: string };

async function runSql(dsn: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function environmentOf(
  name: string,
  stack: Stack,
  { options, sentinelUrl }: { readonly options: EmbeddedOptions; readonly sentinelUrl: string | undefined },
): unknown {
  const slotctl = (verb: string, ...rest: string[]): string[] => [
    process.execPath,
    join(shopDirectory, 'slotctl.js'),
    verb,
    '--slot',
    '{slot}',
    ...rest,
  ];
  const release = ['--version', '{version}', '--release', '{release}'];
  const url = (slot: 'blue' | 'green'): string => `http://${stack.slots[slot]}`;
  const paths = { blue: slotConfigurationPath(stack, 'blue'), green: slotConfigurationPath(stack, 'green') };
  return {
    apiVersion: 'spillway/v1',
    kind: 'environment',
    name,
    store: { dsn: 'env:SPILLWAY_STORE_DSN' },
    sealKey: 'env:SPILLWAY_SEAL_KEY',
    targets: {
      'shop-traffic': {
        kind: 'haproxy',
        backend: 'shop',
        sockets: stack.haproxy.map(({ socketPath }) => socketPath),
        stateFiles: options.keepsState === true ? stack.haproxy.map(({ stateFilePath }) => stateFilePath) : 'none',
        ...(options.hasCohorts === true ? assignmentOf(stack) : {}),
        ...(sentinelUrl === undefined ? {} : { sentinels: [{ url: sentinelUrl, token: sentinelToken }] }),
      },
      'shop-slots': {
        kind: 'exec',
        deploy: slotctl('deploy', ...release),
        status: slotctl('status'),
        drain: slotctl('drain', ...release),
        undeploy: slotctl('undeploy', ...release),
        urls: { blue: url('blue'), green: url('green') },
        readyTimeout: '30s',
      },
      'shop-database': { kind: 'postgres', dsn: 'env:SPILLWAY_SHOP_DSN' },
      'shop-configuration': { kind: 'configuration-file', paths },
      'shop-flags': { kind: 'flag-file', path: join(stack.runDirectory, 'flags.json') },
      prometheus: { kind: 'prometheus', url: stack.prometheus.url, scrapeInterval: '1s', timeout: '2s' },
      ...options.targets,
    },
    services: {
      shop: {
        traffic: 'shop-traffic',
        deployer: 'shop-slots',
        database: 'shop-database',
        configuration: 'shop-configuration',
        flags: 'shop-flags',
        metrics: 'prometheus',
        conventions: { 'prometheus-client': {} },
      },
    },
  };
}

/** What the configuration of the stack's HAProxy does with identities and tenants. */
const assignmentOf = ({ haproxy, runDirectory }: Stack): { readonly [key: string]: unknown } => ({
  assignment: 'identity',
  cohorts: {
    map: cohortMapIn(runDirectory),
    attributes: { tenant: { header: 'x-tenant', values: ['acme', 'globex', 'initech', 'umbrella'] } },
    named: { 'early-adopters': { tenant: ['acme'] }, partners: { tenant: ['acme', 'globex'] } },
    probe: { urls: haproxy.map(({ trafficUrl }) => trafficUrl), identity: { header: 'x-user-id' } },
  },
});

/** Brings the first version into service by hand, as it is before the first release of any service. */
async function deployFirst(embedded: Omit<Embedded, 'workers' | 'addWorker' | 'stop'>): Promise<void> {
  await embedded.slotctl('deploy', { slot: 'blue', version: '1.0.0', release: 'by-hand' });
  const deadline = Date.now() + 15_000;
  for (;;) {
    const status = await embedded.slotctl('status', { slot: 'blue' });
    if (status['ready'] === true) break;
    if (Date.now() > deadline) throw new Error(`the shop did not get ready: ${JSON.stringify(status)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const { socketPath } of embedded.stack.haproxy)
    await askHaproxy(
      socketPath,
      'set server shop/blue weight 100; set server shop/blue state ready; set server shop/green weight 0; set server shop/green state maint',
    );
}

async function startWorkerProcess(
  embedded: Pick<Embedded, 'stack' | 'environmentFile' | 'policyFile' | 'env'>,
  index: number,
): Promise<WorkerProcess> {
  const port = await pickFreePort();
  const url = `http://127.0.0.1:${port}`;
  const component = await embedded.stack.add({
    title: `worker ${index}`,
    command: process.execPath,
    args: [
      launcher,
      'worker',
      '--environment',
      embedded.environmentFile,
      '--policy',
      embedded.policyFile,
      '--port',
      String(port),
      '--grace',
      '1',
    ],
    logPath: join(embedded.stack.runDirectory, `worker-${index}.log`),
    env: { ...withoutOtherTemporal, ...embedded.env },
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 30_000,
    isReady: () => isAnswering(`${url}/readyz`),
  });
  return { ...component, url };
}

/** Starts everything that a release needs, from Temporal to the shop in version 1 and its worker. */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const { name = 'local', workers: workerCount = 1 } = options;
  const stack = await startStack({ ...options, service: 'shop' });
  try {
    const [storeDsn, shopDsn] = [
      await stack.postgres.createDatabase('spillway'),
      await stack.postgres.createDatabase('shop'),
    ];
    await runSql(shopDsn, await shopSchema());
    // In a schema of its own: what belongs to the shop is compared object by object.
    await runSql(shopDsn, 'create schema extensions; create extension pg_stat_statements schema extensions');
    const socket = join(stack.runDirectory, 'shop.sock');
    // So that nobody's own profile is mixed in; a file without any profile is more than Temporal's reader can take.
    const temporalConfigFile = join(stack.runDirectory, 'temporal.toml');
    await writeFile(temporalConfigFile, '[profile.default]\n');
    const env = {
      TEMPORAL_CONFIG_FILE: temporalConfigFile,
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_NAMESPACE: stack.temporal.namespace,
      SPILLWAY_STORE_DSN: storeDsn,
      SPILLWAY_SHOP_DSN: shopDsn,
      SPILLWAY_SEAL_KEY: randomBytes(32).toString('hex'),
      SPILLWAY_SENTINEL_TOKEN: randomBytes(32).toString('hex'),
      SHOP_SUPERVISOR_SOCKET: socket,
    };
    const sentinel = options.sentinel === true ? await startSentinelProcess(stack, env) : undefined;
    const environmentFile = join(stack.runDirectory, 'environment.yaml');
    const policyFile = join(stack.runDirectory, 'policy.yaml');
    await writeFile(environmentFile, stringify(environmentOf(name, stack, { options, sentinelUrl: sentinel?.url })));
    await writeFile(
      policyFile,
      stringify({ apiVersion: 'spillway/v1', kind: 'policy', name: 'local', ...options.policy }),
    );
    const supervisor = await stack.add(
      supervisorSpec(stack, { ...env, SHOP_DATABASE_URL: shopDsn, ...options.shopEnvironment }),
    );
    const base = {
      stack,
      name,
      environmentFile,
      policyFile,
      env,
      supervisor,
      sentinel,
      shopDsn,
      storeDsn,
      slotctl: (verb: string, values: { readonly [option: string]: string }) => runSlotctl(env, verb, values),
    };
    await deployFirst(base);
    const workers: WorkerProcess[] = [];
    const addWorker = async (): Promise<WorkerProcess> => {
      const worker = await startWorkerProcess(base, workers.length + 1);
      workers.push(worker);
      return worker;
    };
    for (let index = 0; index < workerCount; index += 1) await addWorker();
    return { ...base, workers, addWorker, stop: () => stack.stop() };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
