import type { Ports, TemporalPorts } from '../../src/activities/ports';
import { createMemoryConfiguration } from '../../src/adapters/configuration/memory';
import { createMemoryContract } from '../../src/adapters/contract/memory';
import { createMemoryCredentials } from '../../src/adapters/credentials/memory';
import { createMemoryDeployer } from '../../src/adapters/deployer/memory';
import { createMemoryFlags } from '../../src/adapters/flags/memory';
import { createMemoryMetrics } from '../../src/adapters/metrics/memory';
import { createMemoryMigrations } from '../../src/adapters/migrations/memory';
import { createMemorySentinel } from '../../src/adapters/sentinel/memory';
import { createMemoryStore } from '../../src/adapters/store/memory';
import { createMemoryTraffic } from '../../src/adapters/traffic/memory';
import { environmentSchema, type Environment } from '../../src/core/environment/schema';
import type { Slot } from '../../src/core/plan/effects';
import { policySchema, type Policy } from '../../src/core/policy/schema';
import { edgeTarget } from './edge-target';
import { loginTarget } from './login-target';

const memoryEnvironment = (name: string): Environment =>
  environmentSchema.parse({
    apiVersion: 'spillway/v1',
    kind: 'environment',
    name,
    store: { dsn: 'env:STORE_DSN' },
    sealKey: 'env:SEAL_KEY',
    targets: {
      edge: edgeTarget,
      runner: {
        kind: 'exec',
        deploy: ['deploy'],
        status: ['status'],
        drain: ['drain'],
        undeploy: ['undeploy'],
        urls: { blue: 'http://127.0.0.1:1', green: 'http://127.0.0.1:2' },
      },
      orders: { kind: 'postgres', dsn: 'env:ORDERS_DSN' },
      limits: { kind: 'configuration-file', paths: { blue: 'b.json', green: 'g.json' } },
      switches: { kind: 'flag-file', path: 'flags.json' },
      prometheus: { kind: 'prometheus', url: 'http://127.0.0.1:9090' },
      login: loginTarget,
      chat: { kind: 'webhook', url: 'env:CHAT_URL' },
    },
    services: {
      shop: {
        traffic: 'edge',
        deployer: 'runner',
        metrics: 'prometheus',
        database: 'orders',
        configuration: 'limits',
        flags: 'switches',
      },
    },
  });

const openPolicy: Policy = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'open',
  roles: { lead: ['ada', 'bob'] },
});

const tickMs = 10;

/** A whole world in memory: users send requests all the time and go where the split sends them. */
export function createMemoryWorld(environmentName: string, policy: Policy = openPolicy) {
  const traffic = createMemoryTraffic();
  const deployer = createMemoryDeployer({
    running: [{ slot: 'blue', service: 'shop', version: '1.0.0', release: 'first' }],
  });
  const database = createMemoryMigrations({ batches: [1_000, 17] });
  const contracts = createMemoryContract(database);
  const metrics = createMemoryMetrics({ scrapeIntervalMs: 1_000 });
  const configuration = createMemoryConfiguration({ blue: '{"limit":1}' });
  const flags = createMemoryFlags();
  const credentials = createMemoryCredentials({ passwords: { shop_a: 'first', shop_b: 'second' }, open: ['shop_a'] });
  const store = createMemoryStore();
  const sentinel = createMemorySentinel({ targets: ['edge'] });
  const badShare: { [S in Slot]: number } = { blue: 0, green: 0 };
  const owed: { [S in Slot]: { requests: number; bad: number } } = {
    blue: { requests: 0, bad: 0 },
    green: { requests: 0, bad: 0 },
  };
  let requestsPerSecond = 500;
  let slotStatus = 200;

  async function serve(): Promise<void> {
    const split = await traffic.readSplit().catch(() => undefined);
    if (split === undefined) return;
    for (const slot of ['blue', 'green'] as const) {
      const { weight, state } = split[slot];
      if (state === 'maint') continue;
      const due = owed[slot];
      // Each member sends as many requests as everybody else together.
      const ofMembers = Object.values(split.members ?? {}).map((shares) => shares[slot]);
      const share = [weight, ...ofMembers].reduce((sum, percent) => sum + percent / 100, 0);
      due.requests += (requestsPerSecond * tickMs * share) / 1_000;
      const requests = Math.floor(due.requests);
      due.requests -= requests;
      due.bad += requests * badShare[slot];
      const bad = Math.floor(due.bad);
      due.bad -= bad;
      if (requests > 0) traffic.serve(slot, requests, bad);
    }
  }
  const timer = setInterval(() => void serve(), tickMs);

  const ports: Omit<Ports, keyof TemporalPorts> = {
    environment: memoryEnvironment(environmentName),
    policy,
    sealKey: new TextEncoder().encode('a key for tests that is long enough, surely'),
    store,
    traffic: () => traffic,
    sentinels: () => [sentinel],
    deployer: () => deployer,
    database: () => database,
    contracts: () => contracts,
    metrics: () => metrics,
    scrapeIntervalMs: () => 1_000,
    configuration: () => configuration,
    flags: () => flags,
    credentials: () => credentials,
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    request: () => Promise.resolve({ status: slotStatus, body: 'ok' }),
  };
  return {
    ports,
    traffic,
    deployer,
    database,
    contracts,
    metrics,
    configuration,
    flags,
    credentials,
    store,
    sentinel,
    /** Share of requests that a slot answers badly from now on, 0 to 1. */
    breakSlot(slot: Slot, share: number): void {
      badShare[slot] = share;
    },
    setLoad(rps: number): void {
      requestsPerSecond = rps;
    },
    /** What the canary's checks are answered with. */
    answerChecksWith(status: number): void {
      slotStatus = status;
    },
    close: (): void => clearInterval(timer),
  };
}

export type MemoryWorld = ReturnType<typeof createMemoryWorld>;
