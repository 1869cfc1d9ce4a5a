import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../src/core/seeded-random';
import { askHaproxy } from '../../../src/stack/haproxy';
import { nowMs } from '../../../src/stack/load-sender';
import { underLoad, type Bench } from '../../bench';
import type { Outcome } from '../../outcome';
import { describeRelease, requireProof, startRelease, type ReleaseRun } from '../../release-run';
import { describeMs, spreadOf } from '../../spread';
import { parseWeights, shareOf, type Slot } from '../../weights';
import type { ConfigOptions } from '../options';
import { flagNames, limit, settings, settingsOf } from '../settings';

const barMs = 5_000;
const wholeCases = 50;
const canaryPercent = 25;
const patienceMs = 30_000;
const lookEveryMs = 10;
/** What is changed a third time is set back later and later: the next release begins to count anew. */
const changesOfOne = 2;

/** One thing that somebody else changes, and how it is seen that it is as before. */
type Change = { readonly what: string; make(): Promise<unknown>; isRepaired(): Promise<boolean> };

function changesOf(bench: Bench, canary: Slot, random: () => number): readonly Change[] {
  const { flag, changeFlag, limit: readLimit, changeLimit } = settingsOf(bench);
  const other = (): number => 1_000 + Math.floor(random() * 1_000);
  const flags = flagNames.map((name) => ({
    what: 'flag',
    make: () => changeFlag(name, random() < 0.5 ? false : `somebody else's ${other()}`),
    isRepaired: async () => (await flag(name)) === true,
  }));
  const file = {
    what: 'configuration file',
    make: () => changeLimit(canary, other()),
    isRepaired: async () => (await readLimit(canary)) === limit,
  };
  const weight = {
    what: 'weight',
    make: () => askHaproxy(bench.socketPath, `set server shop/${canary} weight ${Math.floor(random() * 256)}`),
    isRepaired: async () => {
      const found = parseWeights(await askHaproxy(bench.socketPath, 'show servers state shop'));
      return Math.abs(shareOf(found, canary) - canaryPercent) < 0.3;
    },
  };
  return [...flags, file, weight].flatMap((change) => Array.from({ length: changesOfOne }, () => change));
}

/** From the change to the moment at which it reads as before. */
async function repairOf(change: Change): Promise<number> {
  await change.make();
  const sinceMs = nowMs();
  while (!(await change.isRepaired())) {
    if (nowMs() - sinceMs > patienceMs) throw new Error(`the ${change.what} was not set again within ${patienceMs} ms`);
    await sleep(lookEveryMs);
  }
  return nowMs() - sinceMs;
}

const isCalm = async (run: ReleaseRun): Promise<boolean> => {
  const { drifts = {}, splitLost } = await run.state();
  return splitLost === undefined && Object.values(drifts).every(({ endedAtMs }) => endedAtMs !== undefined);
};

/** One release, and what is changed behind its back one after the other, in a random order. */
async function oneRelease(
  bench: Bench,
  most: number,
  random: () => number,
  found: Map<string, number[]>,
): Promise<number> {
  const stages = [{ canaryPercent, bakeTime: '1h', minRequests: 1 }];
  const run = await startRelease(bench, describeRelease(bench, { stages, ...settings }));
  await run.atShare(canaryPercent);
  const changes = changesOf(bench, run.canary, random);
  const drawn = changes.map((change) => ({ change, key: random() })).sort((a, b) => a.key - b.key);
  let done = 0;
  for (const { change } of drawn.slice(0, most)) {
    await sleep(200 + 1_500 * random());
    const ms = await repairOf(change);
    found.set(change.what, [...(found.get(change.what) ?? []), ms]);
    bench.say(`${change.what}: as before after ${Math.round(ms)} ms`);
    while (!(await isCalm(run))) await sleep(50);
    done += 1;
  }
  await run.abort();
  requireProof(await run.end(), 'Aborted');
  return done;
}

/** What somebody else changes during a release is noticed and set again: flags, a configuration file, the weights at the proxy. */
export async function measureDrift(bench: Bench, { cases, seed }: ConfigOptions): Promise<Outcome> {
  const random = seededRandom(seed);
  const found = new Map<string, number[]>();
  await underLoad(bench, { requestsPerSecond: 50 }, async () => {
    for (let done = 0; done < cases;) done += await oneRelease(bench, cases - done, random, found);
  });
  const all = [...found.values()].flat();
  const inTime = all.filter((ms) => ms <= barMs).length;
  const spreads = [...found].map(([what, values]) => [what, spreadOf(values)] as const);
  return {
    figures: { cases: all.length, inTime, repairMs: spreadOf(all), byKind: Object.fromEntries(spreads) },
    rows: [
      {
        what: 'changes behind the back of a release that were noticed and set again in 5 s',
        measured: `${inTime} of ${all.length}`,
        bar: 'all',
        isMet: inTime === all.length,
      },
      ...spreads.map(([what, spread]) => ({
        what: `of it, a ${what}: from the change until it is as before`,
        measured: describeMs(spread),
        bar: '–',
        isMet: true,
      })),
    ],
    isWhole: all.length >= wholeCases,
  };
}
