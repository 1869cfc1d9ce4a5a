import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/stack/load-sender';
import type { Load } from '../../src/stack/load';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { describeRelease, requireProof, startRelease } from '../release-run';
import { advanceDraw, misbehave, waitForFirstFailure } from '../shop';
import { describeMs, spreadOf } from '../spread';

const barMs = 600;
const neededRuns = 20;

type BreachRun = {
  readonly lastRequestMs: number;
  readonly decidedMs: number;
  readonly weightZeroMs: number;
  readonly rolledBackMs: number;
  readonly failedRequests: number;
};

async function breakOnce(bench: Bench, load: Load, index: number): Promise<BreachRun> {
  const run = await startRelease(
    bench,
    describeRelease(bench, { stages: [{ canaryPercent: 25, bakeTime: '5m', minRequests: 200 }] }),
  );
  await run.atShare(25);
  await advanceDraw(run.canaryUrl, (index * 7) % 40);
  // Somewhere between two samples and not always at the same place.
  await sleep(1_000 + 500 * Math.random());
  const beforeMs = nowMs();
  await misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 });
  const [firstBadMs, zeroMs, report] = await Promise.all([
    waitForFirstFailure(run.canaryUrl),
    run.atShare(0, { everyMs: 3 }),
    run.end(),
  ]);
  const endedMs = nowMs();
  requireProof(report, 'RolledBack');
  const { failure } = await run.state();
  const lastMs = load.lastStartedTo(run.canary, beforeMs);
  if (lastMs === undefined || failure === undefined) throw new Error('the canary had no request in the breach');
  const { failed } = load.since(beforeMs);
  return {
    lastRequestMs: Math.max(0, lastMs - firstBadMs),
    decidedMs: failure.atMs - firstBadMs,
    weightZeroMs: zeroMs - firstBadMs,
    rolledBackMs: endedMs - firstBadMs,
    failedRequests: failed,
  };
}

const describeRun = (one: BreachRun): string =>
  Object.entries(one)
    .map(([what, value]) => `${what} ${Math.round(value)}`)
    .join(', ');

/** From the first bad answer of a canary to its last request. */
export async function measureBreach(bench: Bench): Promise<Outcome> {
  const { runs } = bench.counts;
  const found = await underLoad(bench, { requestsPerSecond: 200 }, async (load) => {
    const all: BreachRun[] = [];
    for (let index = 0; index < runs; index += 1) {
      const one = await breakOnce(bench, load, index);
      bench.say(`breach ${index + 1}/${runs}: ${describeRun(one)}`);
      all.push(one);
    }
    return all;
  });
  const of = (key: keyof BreachRun) => spreadOf(found.map((one) => one[key]));
  const [last, decided, zero, ended, failed] = [
    of('lastRequestMs'),
    of('decidedMs'),
    of('weightZeroMs'),
    of('rolledBackMs'),
    of('failedRequests'),
  ];
  return {
    figures: {
      breachToLastRequestMs: last,
      breachToDecisionMs: decided,
      breachToWeightZeroMs: zero,
      breachToRolledBackMs: ended,
      failedRequests: failed,
      proofs: found.length,
    },
    rows: [
      {
        what: 'breach → last canary request started (50 % errors, 25 % exposure, 200 rps)',
        measured: describeMs(last),
        bar: `p95 ≤ ${barMs} ms`,
        isMet: last.p95 <= barMs,
      },
      { what: 'of it: breach → decided', measured: describeMs(decided), bar: '–', isMet: true },
      { what: 'of it: breach → weight 0 read at HAProxy', measured: describeMs(zero), bar: '–', isMet: true },
      {
        what: 'requests that failed in a breach',
        measured: `p50 ${failed.p50}, max ${failed.max}`,
        bar: '–',
        isMet: true,
      },
      { what: 'breach → everything undone and proved', measured: describeMs(ended), bar: '–', isMet: true },
    ],
    isWhole: runs >= neededRuns,
  };
}
