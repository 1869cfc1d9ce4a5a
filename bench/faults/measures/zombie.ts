import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../../src/stack/haproxy';
import { nowMs } from '../../../src/stack/load-sender';
import { startBench, underLoad, type Bench } from '../../bench';
import { describeRelease, startRelease } from '../../release-run';
import { misbehave } from '../../shop';
import { parseWeights, shareOf, type Slot } from '../../weights';
import type { Found, Measure } from '../measure';

const usualRuns = 5;
const freezeMs = 30_000;
const lookAfterMs = 5_000;

/** Requests that HAProxy gave to a slot so far, by its own count. */
async function requestsOf(socketPath: string, slot: Slot): Promise<number> {
  const [names = '', ...lines] = (await askHaproxy(socketPath, 'show stat')).split('\n');
  const at = names.replace(/^# /, '').split(',').indexOf('stot');
  const cells = lines.map((line) => line.split(',')).find(([backend, name]) => backend === 'shop' && name === slot);
  return Number(cells?.[at] ?? Number.NaN);
}

/** The longest time in which the proxy showed anything but the closed split, in milliseconds. */
async function longestDeviation(bench: Bench, canary: Slot, forMs: number): Promise<number> {
  const untilMs = nowMs() + forMs;
  let sinceMs: number | undefined;
  let longest = 0;
  while (nowMs() < untilMs || sinceMs !== undefined) {
    const weights = parseWeights(await askHaproxy(bench.socketPath, 'show servers state shop'));
    const isClosed = weights[canary].isInMaintenance && weights[canary].weight === 0 && shareOf(weights, canary) === 0;
    sinceMs = isClosed ? undefined : (sinceMs ?? nowMs());
    if (sinceMs !== undefined) longest = Math.max(longest, nowMs() - sinceMs);
    if (longest > 60_000) break;
    await sleep(5);
  }
  return longest;
}

/** One of two workers stands still somewhere between deployment and exposure, and wakes when its release has gone back. */
async function freezeOnce(bench: Bench, index: number): Promise<{ requests: number; repairedMs: number }> {
  const stages = [
    { canaryPercent: 5, bakeTime: '500ms', minRequests: 5 },
    { canaryPercent: 25, bakeTime: '5m', minRequests: 200 },
  ];
  const run = await startRelease(bench, describeRelease(bench, { stages }));
  const pid = bench.embedded.workers[index % 2]?.pid();
  if (pid === undefined) throw new Error('a worker is not running');
  await sleep(300 + 2_500 * Math.random());
  const frozenMs = nowMs();
  process.kill(pid, 'SIGSTOP');
  try {
    await run.atShare(25, { everyMs: 20 });
    await misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 });
    await run.end();
    await sleep(Math.max(0, frozenMs + freezeMs - nowMs()));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const before = await requestsOf(bench.socketPath, run.canary);
  const repairedMs = await longestDeviation(bench, run.canary, lookAfterMs);
  return { requests: (await requestsOf(bench.socketPath, run.canary)) - before, repairedMs };
}

/** A worker stands still for half a minute, and its release is rolled back meanwhile. */
export const zombie: Measure = {
  name: 'zombie',
  async run({ runs = usualRuns, say }): Promise<Found> {
    const bench = await startBench({ runs, clean: 0 }, say);
    try {
      await bench.embedded.addWorker();
      return await underLoad(bench, { requestsPerSecond: 200 }, async () => {
        const found: { requests: number; repairedMs: number }[] = [];
        while (found.length < runs) found.push(await freezeOnce(bench, found.length));
        const canaryRequests = found.reduce((sum, { requests }) => sum + requests, 0);
        const repairedMaxMs = Math.max(...found.map(({ repairedMs }) => repairedMs));
        return {
          figures: { canaryRequests, repairedMaxMs, runs },
          rows: [['zombies woken', `${runs}, canary requests ${canaryRequests}`]],
        };
      });
    } finally {
      await bench.stop();
    }
  },
};
