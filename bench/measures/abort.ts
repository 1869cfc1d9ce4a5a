import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/stack/load-sender';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { describeRelease, requireProof, startRelease, type Descriptor, type ReleaseRun } from '../release-run';
import { describeMs, spreadOf } from '../spread';

const barMs = 100;
const neededRuns = 20;

type Moment = {
  readonly name: string;
  readonly part: Pick<Descriptor, 'stages'> & Partial<Descriptor>;
  readonly reach: (run: ReleaseRun) => Promise<unknown>;
};

const quickly = (canaryPercent: number) => [{ canaryPercent, bakeTime: '0s', minRequests: 1 }];
const slowly = (canaryPercent: number) => [{ canaryPercent, bakeTime: '5m' }];

const moments: readonly Moment[] = [
  { name: 'at 1 %', part: { stages: slowly(1) }, reach: (run) => run.atShare(1) },
  { name: 'at 25 %', part: { stages: slowly(25) }, reach: (run) => run.atShare(25) },
  {
    name: 'waiting at a gate',
    part: { stages: quickly(25), gates: { full: {} }, fullExposure: { gate: 'full' } },
    reach: (run) => run.atGate('full'),
  },
  { name: 'at full exposure', part: { stages: quickly(25) }, reach: (run) => run.atShare(99) },
  {
    name: 'late in the window',
    part: { stages: quickly(25), fullExposure: { rollbackWindow: '6s' } },
    reach: async (run) => {
      await run.atShare(99);
      await sleep(4_500);
    },
  },
];

async function abortOnce(bench: Bench, { part, reach }: Moment): Promise<number> {
  const run = await startRelease(bench, describeRelease(bench, part));
  await reach(run);
  await sleep(100 + 300 * Math.random());
  const sentMs = nowMs();
  const [zeroMs] = await Promise.all([run.atShare(0, { everyMs: 2 }), run.abort()]);
  requireProof(await run.end(), 'Aborted');
  return zeroMs - sentMs;
}

/** From the client's call to weight 0 at HAProxy, at five moments of a release. */
export async function measureAbort(bench: Bench): Promise<Outcome> {
  const rounds = Math.ceil(bench.counts.runs / moments.length);
  const latencies = new Map<string, number[]>(moments.map(({ name }) => [name, []]));
  await underLoad(bench, { requestsPerSecond: 200 }, async () => {
    for (let round = 0; round < rounds; round += 1)
      for (const moment of moments) {
        const ms = await abortOnce(bench, moment);
        bench.say(`abort ${round + 1}/${rounds} ${moment.name}: ${Math.round(ms)} ms`);
        latencies.get(moment.name)?.push(ms);
      }
  });
  const all = spreadOf([...latencies.values()].flat());
  const byMoment = [...latencies].map(([name, values]) => [name, spreadOf(values)] as const);
  return {
    figures: { abortToWeightZeroMs: all, byMoment: Object.fromEntries(byMoment) },
    rows: [
      {
        what: 'abort sent → weight 0 read at HAProxy',
        measured: describeMs(all),
        bar: `p95 ≤ ${barMs} ms`,
        isMet: all.p95 <= barMs,
      },
      ...byMoment.map(([name, spread]) => ({
        what: `of it: ${name}`,
        measured: describeMs(spread),
        bar: '–',
        isMet: true,
      })),
    ],
    isWhole: all.runs >= neededRuns,
  };
}
