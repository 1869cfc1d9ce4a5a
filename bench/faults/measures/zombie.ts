import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../../src/stack/haproxy';
import { nowMs } from '../../../src/stack/load-sender';
import { startRelay, type Relay } from '../../../test/support/relay';
import { startBench, underLoad, type Bench } from '../../bench';
import { describeRelease, startRelease } from '../../release-run';
import { misbehave } from '../../shop';
import { parseWeights, shareOf, type Slot } from '../../weights';
import type { Found, Measure } from '../measure';

const usualRuns = 5;
const patienceMs = 60_000;
const lookAfterMs = 5_000;
const preloaded = join(__dirname, '../../../test/support/freeze-at-write.js');

type Woken = {
  readonly requests: number;
  readonly isLateWriteSeen: boolean;
  readonly repairedMs: number;
};

/** Requests that HAProxy gave to a slot so far, by its own count. */
async function requestsOf(socketPath: string, slot: Slot): Promise<number> {
  const [names = '', ...lines] = (await askHaproxy(socketPath, 'show stat')).split('\n');
  const at = names.replace(/^# /, '').split(',').indexOf('stot');
  const cells = lines.map((line) => line.split(',')).find(([backend, name]) => backend === 'shop' && name === slot);
  return Number(cells?.[at] ?? Number.NaN);
}

/** Looks at the proxy for a while: whether the late write came, and for how long anything but the closed split stood. */
async function watchRepair({ socketPath }: Bench, canary: Slot): Promise<Omit<Woken, 'requests'>> {
  const untilMs = nowMs() + lookAfterMs;
  let sinceMs: number | undefined;
  let [isLateWriteSeen, repairedMs] = [false, 0];
  while (nowMs() < untilMs || sinceMs !== undefined) {
    const weights = parseWeights(await askHaproxy(socketPath, 'show servers state shop'));
    const isClosed = weights[canary].isInMaintenance && weights[canary].weight === 0 && shareOf(weights, canary) === 0;
    isLateWriteSeen ||= weights[canary].weight > 0;
    sinceMs = isClosed ? undefined : (sinceMs ?? nowMs());
    if (sinceMs !== undefined) repairedMs = Math.max(repairedMs, nowMs() - sinceMs);
    if (repairedMs > patienceMs) break;
    await sleep(5);
  }
  return { isLateWriteSeen, repairedMs };
}

/** A worker that stands still right before it writes the canary's weight; its host leaves the network with it. */
async function addFreezingWorker({ embedded }: Bench, temporal: Relay, file: string): Promise<void> {
  const { env, stack } = embedded;
  const before = { NODE_OPTIONS: env['NODE_OPTIONS'] ?? '', TEMPORAL_ADDRESS: stack.temporal.address };
  temporal.to(stack.temporal.address);
  Object.assign(env, {
    NODE_OPTIONS: `--require ${preloaded}`,
    FREEZE_AT: '^set server shop/.* weight [1-9]',
    FREEZE_FILE: file,
    TEMPORAL_ADDRESS: temporal.host,
  });
  await embedded.addWorker();
  Object.assign(env, before);
}

async function waitForFile(file: string): Promise<number> {
  for (const endMs = nowMs() + patienceMs; !existsSync(file); await sleep(20))
    if (nowMs() > endMs) throw new Error('no worker stood still');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: number }).pid;
}

/** It stands still with its write in hand, its release is rolled back by another worker, and it wakes. */
async function wakeOnce(bench: Bench, index: number): Promise<Woken> {
  const file = join(bench.embedded.stack.runDirectory, `frozen-${index}.json`);
  const temporal = await startRelay();
  await addFreezingWorker(bench, temporal, file);
  const stages = [{ canaryPercent: 25, bakeTime: '5m', minRequests: 200 }];
  const run = await startRelease(bench, describeRelease(bench, { stages }));
  const pid = await waitForFile(file);
  temporal.cut();
  try {
    await bench.embedded.addWorker();
    await run.atShare(25, { everyMs: 20 });
    await misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 });
    await run.end();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const before = await requestsOf(bench.socketPath, run.canary);
  const watched = await watchRepair(bench, run.canary);
  const requests = (await requestsOf(bench.socketPath, run.canary)) - before;
  await Promise.all(bench.embedded.workers.map((worker) => worker.kill()));
  await temporal.close();
  return { ...watched, requests };
}

/** A worker wakes with a weight to write, and its release has been rolled back meanwhile. */
export const zombie: Measure = {
  name: 'zombie',
  async run({ runs = usualRuns, say }): Promise<Found> {
    const bench = await startBench({ runs, clean: 0 }, say, { workers: 0 });
    try {
      return await underLoad(bench, { requestsPerSecond: 200 }, async () => {
        const found: Woken[] = [];
        while (found.length < runs) found.push(await wakeOnce(bench, found.length));
        return {
          figures: {
            canaryRequests: found.reduce((sum, { requests }) => sum + requests, 0),
            lateWrites: found.filter(({ isLateWriteSeen }) => isLateWriteSeen).length,
            repairedMaxMs: Math.max(...found.map(({ repairedMs }) => repairedMs)),
            runs,
          },
          rows: [],
        };
      });
    } finally {
      await bench.stop();
    }
  },
};
