import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { connectClient, type SpillwayClient } from '../../src/client';
import { pickFreePort } from '../../src/stack/free-port';
import { askHaproxy } from '../../src/stack/haproxy';
import { withoutOtherTemporal } from '../../src/stack/other-temporal';
import { startStack, type Stack } from '../../src/stack/start-stack';
import { environmentOf, writeSlotFiles } from './environment-file';
import { addHaproxy } from './haproxy';
import { createProcesses } from './processes';
import { connectStore } from './store';

type Answer = { readonly firstFailures: { readonly [slotAndService: string]: number }; readonly sent: number };
type Proxy = { readonly socketPath: string; readonly pid: () => number };

/** Many small services on this machine, and what their releases need. */
export type ScaleStack = Pick<ReturnType<typeof createProcesses>, 'startWorker' | 'startBareWorker'> & {
  readonly stack: Stack;
  readonly client: SpillwayClient;
  readonly temporal: Client;
  readonly store: ReturnType<typeof connectStore>;
  readonly proxy: Proxy;
  /** Tells the services and their users how to behave. */
  readonly tell: (orders: Orders) => Promise<Answer>;
  readonly ask: (command: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

type Orders = {
  readonly rates?: { readonly [service: string]: number };
  /** `slot/service` of all that fail from now on. */
  readonly failing?: readonly string[];
};

type Options = {
  /** Names of services; each has a backend, and both slots. */
  readonly services: readonly string[];
  /** The same for the environment `bare`, of which nothing but the workflow differs. */
  readonly bareServices?: readonly string[];
  /** Who keeps the leases of all their targets; without one nothing holds a lease. */
  readonly sentinel?: { readonly url: string; readonly token: string };
};

/** Starts Temporal, PostgreSQL, one HAProxy with a backend a service, the services and their users; no worker yet. */
export async function startScaleStack({ services, bareServices = [], sentinel }: Options): Promise<ScaleStack> {
  const stack = await startStack({
    parts: ['temporal', 'postgres'],
    temporal: { headless: true },
    keepsRunDirectory: process.env['SPILLWAY_BENCH_KEEP'] === '1',
  });
  try {
    const all = [...services, ...bareServices];
    const slots = { blue: await pickFreePort(), green: await pickFreePort() };
    const [trafficPort, controlPort] = [await pickFreePort(), await pickFreePort()];
    const at = {
      folder: join(stack.runDirectory, 'slots'),
      slots,
      socketPath: join(stack.runDirectory, 'scale.sock'),
      sentinelUrl: sentinel?.url,
    };
    await writeSlotFiles(at.folder, all);
    const env = {
      ...withoutOtherTemporal,
      TEMPORAL_CONFIG_FILE: join(stack.runDirectory, 'temporal.toml'),
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_NAMESPACE: stack.temporal.namespace,
      SPILLWAY_STORE_DSN: await stack.postgres.createDatabase('spillway'),
      SPILLWAY_SEAL_KEY: randomBytes(32).toString('hex'),
      SPILLWAY_SENTINEL_TOKEN: sentinel?.token,
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
    const { startServices, startWorker, startBareWorker } = createProcesses(stack, env, {
      environmentFile,
      policyFile,
    });
    await startServices({ slots, trafficPort, controlPort });
    const connection = await Connection.connect({ address: stack.temporal.address });
    return {
      stack,
      client: await connectClient({
        env: Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined)),
      }),
      temporal: new Client({ connection, namespace: stack.temporal.namespace }),
      store: connectStore(env.SPILLWAY_STORE_DSN),
      proxy: { socketPath: at.socketPath, pid: () => haproxy.pid() ?? 0 },
      tell: async (orders) =>
        (await (
          await fetch(`http://127.0.0.1:${controlPort}/`, { method: 'POST', body: JSON.stringify(orders) })
        ).json()) as Answer,
      ask: (command) => askHaproxy(at.socketPath, command),
      startWorker,
      startBareWorker,
      stop: async () => {
        await connection.close();
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
