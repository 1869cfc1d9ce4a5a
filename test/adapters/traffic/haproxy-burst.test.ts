import { once } from 'node:events';
import { Agent, createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import { seededRandom } from '../../../src/core/seeded-random';
import { startHaproxy, type HaproxyRig } from '../../support/haproxy';
import { send } from '../../support/slot-servers';
import { temporaryDirectory } from '../../support/temporary-directory';

/** How far ahead of its share a slot may be: a cycle is made of whole requests. */
const mostAhead = 3;
/** A canary that grows, and one step of its way back. */
const walk = [1, 20, 50, 33.3, 0];

const random = seededRandom(11);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
const servers = new Map<string, Server>();
let haproxy: HaproxyRig;

async function serve(slot: 'blue' | 'green'): Promise<string> {
  const path = join(folder.path, slot);
  const server = createServer((_, response) => response.end(slot));
  servers.set(slot, server);
  server.listen(path);
  await once(server, 'listening');
  return `unix@${path}`;
}

async function stop(slot: string): Promise<void> {
  const server = servers.get(slot);
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
}

beforeAll(async () => {
  folder = await temporaryDirectory();
  const [blue, green] = await Promise.all([serve('blue'), serve('green')]);
  const backendLines = ['retries 3', 'option redispatch 1', 'retry-on conn-failure empty-response'];
  haproxy = await startHaproxy({ slots: { blue, green }, backendLines });
});
afterAll(async () => {
  agent.destroy();
  await haproxy.close();
  await Promise.all([...servers.keys()].map(stop));
  await folder.remove();
});

const ask = async () => (await send({ front: haproxy.fronts[0] ?? '', agent })).body;
const traffic = () => {
  const slots = { blue: 'blue', green: 'green' };
  return createHaproxyTraffic({ backend: 'shop', sockets: haproxy.sockets, servers: slots, timeoutMs: 2_000 });
};
const ready = (weight: number) => ({ weight, state: 'ready' }) as const;

/** The furthest that a slot was away from its share within so many requests. */
async function furthest(greenPercent: number, requests: number): Promise<number> {
  let ahead = 0;
  let most = 0;
  for (let count = 0; count < requests; count += 1) {
    ahead += ((await ask()) === 'green' ? 1 : 0) - greenPercent / 100;
    most = Math.max(most, Math.abs(ahead));
  }
  return most;
}

// The place in HAProxy's own cycle decides how large a burst would be.
const somewhere = (most: number): number => Math.floor(random() * most);

it('gives no slot a burst above its share after a shift, up or down', async () => {
  const port = traffic();
  const found = [];
  for (const share of Array.from({ length: 12 }, () => walk).flat()) {
    await port.writeSplit({ blue: ready(100 - share), green: ready(share) });
    const most = await furthest(share, somewhere(1_000));
    if (most > mostAhead) found.push({ share, most });
  }
  expect(found).toEqual([]);
});

it('gives the canary no burst where the baseline refused connections while it served alone', async () => {
  const port = traffic();
  const found = [];
  for (let turn = 0; turn < 6; turn += 1) {
    await port.writeSplit({ blue: ready(100), green: { weight: 0, state: 'maint' } });
    await furthest(0, somewhere(1_000));
    await stop('blue');
    // HAProxy looks for another server for each of them, and finds none.
    expect(await Promise.all([ask(), ask(), ask()])).not.toContain('blue');
    await serve('blue');
    await port.writeSplit({ blue: ready(100), green: ready(0) });
    for (const share of [20, 50]) {
      await port.writeWeights({ blue: 100 - share, green: share });
      const most = await furthest(share, 40);
      if (most > mostAhead) found.push({ turn, share, most });
    }
  }
  expect(found).toEqual([]);
});
