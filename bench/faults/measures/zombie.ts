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
/** How long a woken worker may take to write, and how long the split is looked at behind its repair. */
const wakesWithinMs = 20_000;
const lookAfterMs = 1_000;
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

/** Looks at the proxy until the late write came and was set right: whether it came, and how long anything but the closed split stood. */
async function watchRepair({ socketPath }: Bench, canary: Slot): Promise<Omit<Woken, 'requests'>> {
  let untilMs = nowMs() + wakesWithinMs;
  let sinceMs: number | undefined;
  let [isLateWriteSeen, repairedMs] = [false, 0];
  while (nowMs() < untilMs || sinceMs !== undefined) {
    const weights = parseWeights(await askHaproxy(socketPath, 'show servers state shop'));
    const isClosed = weights[canary].isInMaintenance && weights[canary].weight === 0 && shareOf(weights, canary) === 0;
    isLateWriteSeen ||= weights[canary].weight > 0;
    if (isLateWriteSeen && !isClosed) untilMs = nowMs() + lookAfterMs;
    sinceMs = isClosed ? undefined : (sinceMs ?? nowMs());
    if (sinceMs !== undefined) repairedMs = Math.max(repairedMs, nowMs() - sinceMs);
    if (repairedMs > patienceMs) break;
    await sleep(5);
  }
  return { isLateWriteSeen, repairedMs };
}

/**
 * A worker that stands still right before it gives the canary its first users; its host leaves the network with it. The
 * slot is named: a check at 0 % writes weights too, of the baseline, and a worker frozen there would expose nobody late.
 */
async function addFreezingWorker({ embedded, socketPath }: Bench, temporal: Relay, file: string): Promise<void> {
  const { env, stack } = embedded;
  const weights = parseWeights(await askHaproxy(socketPath, 'show servers state shop'));
  const canary: Slot = shareOf(weights, 'blue') > 0 ? 'green' : 'blue';
  const before = { NODE_OPTIONS: env['NODE_OPTIONS'] ?? '', TEMPORAL_ADDRESS: stack.temporal.address };
  temporal.to(stack.temporal.address);
  Object.assign(env, {
    NODE_OPTIONS: `--require ${preloaded}`,
    FREEZE_AT: `^set server shop/.*${canary} weight [1-9]`,
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
  let before: number;
  try {
    await bench.embedded.addWorker();
    await run.atShare(25, { everyMs: 20 });
    await misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 });
    await run.end();
    before = await requestsOf(bench.socketPath, run.canary);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
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
        const woken: Woken[] = [];
        const late = (): readonly Woken[] => woken.filter(({ isLateWriteSeen }) => isLateWriteSeen);
        while (late().length < runs && woken.length < 2 * runs) {
          woken.push(await wakeOnce(bench, woken.length));
          say(`worker ${woken.length} woke: ${JSON.stringify(woken.at(-1))}`);
        }
        return {
          figures: {
            // Of every woken worker, whether or not its write was seen.
            canaryRequests: woken.reduce((sum, { requests }) => sum + requests, 0),
            lateWrites: late().length,
            // Nothing was repaired where nothing was written: no number, which misses its bar.
            repairedMaxMs: late().length === 0 ? Number.NaN : Math.max(...late().map(({ repairedMs }) => repairedMs)),
            runs: woken.length,
          },
          rows: [
            [
              'woken workers that wrote nothing late, in no figure of a repair',
              `${woken.length - late().length} of ${woken.length}`,
            ],
          ],
        };
      });
    } finally {
      await bench.stop();
    }
  },
};
