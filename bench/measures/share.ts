import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/stack/load-sender';
import type { Load } from '../../src/stack/load';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { describeRelease, requireProof, startRelease, type ReleaseRun } from '../release-run';

const barPoints = 0.5;
const neededRequests = 10_000;
/** Requests that were under way when the weight changed still go by the old one. */
const settleMs = 200;

const steps = [
  { percent: 5, next: 'to-25' },
  { percent: 25, next: 'to-50' },
  { percent: 50, next: 'to-full' },
  { percent: 99, next: undefined },
] as const;

type StepShare = { readonly wanted: number; readonly observed: number; readonly requests: number };

async function countStep(load: Load, run: ReleaseRun, percent: number): Promise<StepShare> {
  const fromMs = (await run.atShare(percent)) + settleMs;
  for (;;) {
    await sleep(500);
    // What has not been answered yet would be missing from one side more than from the other.
    const { share, requests } = load.shareOf(run.canary, fromMs, nowMs() - settleMs);
    if (requests >= neededRequests) return { wanted: percent, observed: 100 * share, requests };
  }
}

/** The share of requests the canary answered, by the answers themselves, beside the share that was wanted. */
export async function measureShare(bench: Bench): Promise<Outcome> {
  const quick = { bakeTime: '0s', minRequests: 1 };
  const descriptor = describeRelease(bench, {
    stages: [
      { canaryPercent: 5, ...quick },
      { canaryPercent: 25, gate: 'to-25', ...quick },
      { canaryPercent: 50, gate: 'to-50', ...quick },
    ],
    fullExposure: { gate: 'to-full', rollbackWindow: '10m' },
    gates: { 'to-25': {}, 'to-50': {}, 'to-full': {} },
  });
  const found = await underLoad(bench, { requestsPerSecond: 800, connections: 32 }, async (load) => {
    const all: StepShare[] = [];
    const run = await startRelease(bench, descriptor);
    for (const { percent, next } of steps) {
      const one = await countStep(load, run, percent);
      bench.say(`share: ${one.observed.toFixed(2)} % of ${one.requests} requests, wanted ${one.wanted} %`);
      all.push(one);
      if (next === undefined) continue;
      await run.atGate(next);
      await run.approve(next);
    }
    await run.abort();
    requireProof(await run.end(), 'Aborted');
    return all;
  });
  const points = Math.max(...found.map(({ wanted, observed }) => Math.abs(observed - wanted)));
  return {
    figures: { worstPoints: points, steps: found },
    rows: found.map(({ wanted, observed, requests }) => ({
      what: `observed share at ${wanted} %`,
      measured: `${observed.toFixed(2)} % of ${requests} requests`,
      bar: `within ${barPoints} points of ≥ ${neededRequests} requests`,
      isMet: Math.abs(observed - wanted) <= barPoints,
    })),
    isWhole: true,
  };
}
