import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../../src/stack/load-sender';
import { startBench, underLoad, type Bench } from '../../bench';
import { describeRelease, requireProof, startRelease, type ReleaseRun } from '../../release-run';
import { misbehave } from '../../shop';
import { describeMs, spreadOf } from '../../spread';
import { readWatcherPid } from '../../watcher';
import type { Found, Measure } from '../measure';

const neededRuns = 10;
const requestsPerSecond = 200;

type Worker = Bench['embedded']['workers'][number];

async function exposed(bench: Bench): Promise<ReleaseRun> {
  const stages = [{ canaryPercent: 25, bakeTime: '5m', minRequests: 200 }];
  const run = await startRelease(bench, describeRelease(bench, { stages }));
  await run.atShare(25);
  await sleep(1_000 + 500 * Math.random());
  return run;
}

/** The worker that watches the exposure: the one whose death costs most. */
async function watcherOf(bench: Bench, { workflowId }: ReleaseRun): Promise<Worker> {
  const pid = await readWatcherPid(bench.temporal, workflowId);
  const found = bench.embedded.workers.find((worker) => pid !== undefined && worker.pid() === pid);
  if (found === undefined) throw new Error(`no worker of ours watches: ${pid}`);
  return found;
}

/** Kills the only worker at a breach; milliseconds from the next process's spawn to weight 0. */
async function restartOnce(bench: Bench, afterMs: number): Promise<number> {
  const run = await exposed(bench);
  const worker = await watcherOf(bench, run);
  await misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 });
  await worker.kill();
  await sleep(afterMs);
  const spawnedMs = nowMs();
  const [zeroMs] = await Promise.all([run.atShare(0, { everyMs: 5 }), worker.start()]);
  requireProof(await run.end(), 'RolledBack');
  return zeroMs - spawnedMs;
}

/** Kills the watching worker of two at a breach; milliseconds from the kill to weight 0. */
async function secondOnce(bench: Bench): Promise<number> {
  const run = await exposed(bench);
  const worker = await watcherOf(bench, run);
  const killedMs = nowMs();
  await Promise.all([misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 }), worker.kill()]);
  const zeroMs = await run.atShare(0, { everyMs: 5 });
  requireProof(await run.end(), 'RolledBack');
  await worker.start();
  return zeroMs - killedMs;
}

async function repeat(runs: number, once: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  while (found.length < runs) found.push(await once());
  return found;
}

/** A worker dies at a breach and comes back 3 s and 10 s later. */
export const restart: Measure = {
  name: 'restart',
  async run({ runs = neededRuns, say }): Promise<Found> {
    const bench = await startBench({ runs, clean: 0 }, say);
    try {
      return await underLoad(bench, { requestsPerSecond }, async () => {
        const after3 = spreadOf(await repeat(runs, () => restartOnce(bench, 3_000)));
        const after10 = spreadOf(await repeat(runs, () => restartOnce(bench, 10_000)));
        return {
          figures: { after3sP95Ms: after3.p95, after10sP95Ms: after10.p95, runs },
          rows: [
            ['spawned 3 s after the kill → weight 0', describeMs(after3)],
            ['spawned 10 s after the kill → weight 0', describeMs(after10)],
          ],
        };
      });
    } finally {
      await bench.stop();
    }
  },
};

/** The watching one of two workers dies at a breach. */
export const secondWorker: Measure = {
  name: 'second-worker',
  async run({ runs = neededRuns, say }): Promise<Found> {
    const bench = await startBench({ runs, clean: 0 }, say);
    try {
      await bench.embedded.addWorker();
      return await underLoad(bench, { requestsPerSecond }, async () => {
        const spread = spreadOf(await repeat(runs, () => secondOnce(bench)));
        return { figures: { p95Ms: spread.p95, runs }, rows: [['kill → weight 0', describeMs(spread)]] };
      });
    } finally {
      await bench.stop();
    }
  },
};
