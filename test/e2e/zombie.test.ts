import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import type { ReleaseReport } from '../../src/core/release/report';
import { closedTo, readProxy, shareOf, type ShownSplit } from '../support/proxy-split';
import { eventually, startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { startRelay, type Relay } from '../support/relay';
import { longAt25 } from '../support/shop-descriptor';

const canary = 'green';

let rig: RealRig;
let temporal: Relay;
let release: RealRelease;
let report: ReleaseReport;
let zombie: number | undefined;
/** What the proxy showed after the frozen worker woke, until it was as the rollback left it again. */
const shown: ShownSplit[] = [];
let [requestsBefore, requestsAfter]: number[] = [];
let failedBefore: number;

const socket = () => rig.embedded.stack.haproxy[0]?.socketPath ?? '';
const canaryRequests = async (): Promise<number> => {
  const servers = { blue: 'blue', green: 'green' };
  return (await createHaproxyTraffic({ backend: 'shop', sockets: [socket()], servers }).read()).counters[canary]
    .requests;
};

async function watchProxy(): Promise<void> {
  const isClosed = closedTo(canary);
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(5)) {
    const split = await readProxy(socket());
    shown.push(split);
    if (isClosed(split) && !shown.every(isClosed)) return;
  }
}

/** A worker stands still right before it writes the canary's weight, and wakes when its release has been rolled back. */
beforeAll(async () => {
  temporal = await startRelay();
  rig = await startRealRig({ workers: 0, requestsPerSecond: 100, shopEnvironment: { SHOP_FAIL_AFTER_MS: '0' } });
  const { embedded } = rig;
  const file = join(embedded.stack.runDirectory, 'frozen.json');
  const preload = {
    NODE_OPTIONS: `--require ${join(__dirname, '..', 'support', 'freeze-at-write.js')}`,
    FREEZE_AT: `^set server shop/.*${canary} weight [1-9]`,
    FREEZE_FILE: file,
    TEMPORAL_ADDRESS: temporal.host,
  };
  temporal.to(embedded.stack.temporal.address);
  Object.assign(embedded.env, preload);
  await embedded.addWorker();
  Object.assign(embedded.env, { NODE_OPTIONS: '', TEMPORAL_ADDRESS: embedded.stack.temporal.address });
  release = await rig.start('3.0.0', longAt25);
  await eventually('it stands still', () => Promise.resolve(existsSync(file) ? true : undefined));
  const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: number };
  zombie = pid;
  // Its host is gone from the network too, else the server goes on handing work to it until each piece has timed out.
  temporal.cut();
  expect(shareOf(await readProxy(socket()), canary)).toBe(0);
  await embedded.addWorker();
  report = await release.report(60_000);
  expect(closedTo(canary)(await readProxy(socket()))).toBe(true);
  requestsBefore = await canaryRequests();
  failedBefore = rig.load.snapshot().failed;
  process.kill(pid, 'SIGCONT');
  await watchProxy();
  await sleep(1_000);
  requestsAfter = await canaryRequests();
}, 150_000);
afterAll(async () => {
  if (zombie !== undefined) process.kill(zombie, 'SIGCONT');
  await rig?.close();
  await temporal?.close();
}, 60_000);

test('another worker exposes the canary, finds the breach and rolls back while the first stands still', () => {
  expect(report).toMatchObject({
    ending: 'RolledBack',
    failure: { code: 'GuardrailBroken' },
    proof: { isRestored: true },
  });
  expect(requestsBefore).toBeGreaterThan(0);
});

test('what the woken worker writes late opens nothing: the canary gets no request any more', () => {
  expect(shown.some((split) => split[canary].weight > 0)).toBe(true);
  expect(shown.map((split) => shareOf(split, canary)).filter((share) => share > 0)).toEqual([]);
  expect(requestsAfter).toBe(requestsBefore);
  expect(rig.load.snapshot().failed).toBe(failedBefore);
});

test('the late weight is set back, and told', async () => {
  expect(closedTo(canary)(await readProxy(socket()))).toBe(true);
  const told = await eventually('told', async () => {
    const [row] = await rig.sql('store', `select sentence from spillway_store.releases where phase = 'Reconciled'`);
    return row?.['sentence'];
  });
  expect(told).toMatch(/^Traffic of shop changed after 3\.0\.0 was rolled back: found .* it was set back to/);
});

test('the ending stands', async () => {
  expect(await release.report()).toEqual(report);
  expect(await rig.client.state(release.workflowId)).toMatchObject({ phase: 'RolledBack' });
  expect(await rig.embedded.slotctl('status', { slot: canary })).toMatchObject({ state: 'absent' });
});
