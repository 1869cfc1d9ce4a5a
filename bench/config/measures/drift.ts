import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../src/core/seeded-random';
import { startBench, underLoad, type Bench } from '../../bench';
import type { Outcome } from '../../outcome';
import { requireProof, type ReleaseRun } from '../../release-run';
import { describeMs, spreadOf } from '../../spread';
import { untilCalm } from '../calm';
import { answerTo, type Standing } from '../change-by-hand';
import type { ConfigOptions } from '../options';
import { createCohortStands } from '../stand-at-cohort';
import { standAtShare } from '../stand-at-share';

const barMs = 5_000;
const wholeCases = 50;
/** One case in so many is a change of the map of members. */
const casesToOneOfMap = 4;

type Drawn = {
  readonly bench: Bench;
  readonly stand: (bench: Bench, random: () => number) => Promise<Standing>;
  readonly cases: number;
  readonly random: () => number;
};

/** How long each change took, by what was changed, and how many releases turned back because somebody outside saw the canary. */
type Found = { readonly answerMs: Map<string, number[]>; leaks: number };

async function endRelease(run: ReleaseRun): Promise<boolean> {
  if ((await run.state()).failure === undefined) await run.abort();
  const report = await run.end();
  const isLeak = report.failure?.metric === 'cohort-leak';
  requireProof(report, isLeak ? 'RolledBack' : 'Aborted');
  return isLeak;
}

/** One release, and what is changed behind its back one after the other, at random moments. */
async function oneRelease({ bench, stand, cases, random }: Drawn, found: Found): Promise<number> {
  const { run, changes } = await stand(bench, random);
  const made = changes.slice(0, cases);
  for (const change of made) {
    await sleep(200 + 1_500 * random());
    const ms = await answerTo(change);
    found.answerMs.set(change.what, [...(found.answerMs.get(change.what) ?? []), ms]);
    bench.say(`${change.what}: ${change.takeBack === undefined ? 'as before' : 'told'} after ${Math.round(ms)} ms`);
    await change.takeBack?.();
    await untilCalm(run);
  }
  if (await endRelease(run)) found.leaks += 1;
  return made.length;
}

const drawCases = (drawn: Drawn, found: Found): Promise<void> =>
  underLoad(drawn.bench, { requestsPerSecond: 50 }, async () => {
    for (let done = 0; done < drawn.cases;) done += await oneRelease({ ...drawn, cases: drawn.cases - done }, found);
  });

async function drawMapCases(shared: Bench, cases: number, random: () => number, found: Found): Promise<void> {
  if (cases === 0) return;
  // A stack of its own: assignment by identity changes what every other measure would see.
  const bench = await startBench(shared.counts, (line) => shared.say(line), { hasCohorts: true, keepsState: true });
  await drawCases({ bench, stand: createCohortStands(), cases, random }, found).finally(() => bench.stop());
}

/**
 * What somebody else changes during a release is noticed and set again: flags, a configuration file, the weights and the map
 * of members at the proxy; a schema is told.
 */
export async function measureDrift(bench: Bench, { cases, seed }: ConfigOptions): Promise<Outcome> {
  const random = seededRandom(seed);
  const found: Found = { answerMs: new Map(), leaks: 0 };
  const mapCases = Math.floor(cases / casesToOneOfMap);
  await drawCases({ bench, stand: standAtShare, cases: cases - mapCases, random }, found);
  await drawMapCases(bench, mapCases, random, found);
  const all = [...found.answerMs.values()].flat();
  const inTime = all.filter((ms) => ms <= barMs).length;
  const spreads = [...found.answerMs].map(([what, values]) => [what, spreadOf(values)] as const);
  return {
    figures: {
      cases: all.length,
      inTime,
      answerMs: spreadOf(all),
      byKind: Object.fromEntries(spreads),
      turnedBackByLeak: found.leaks,
    },
    rows: [
      {
        what: 'changes behind the back of a release that were noticed and answered in 5 s',
        measured: `${inTime} of ${all.length}`,
        bar: 'all',
        isMet: inTime === all.length,
      },
      ...spreads.map(([what, spread]) => ({
        what: `of it, a ${what}: from the change until it is ${what === 'schema' ? 'told' : 'as before'}`,
        measured: describeMs(spread),
        bar: '–',
        isMet: true,
      })),
    ],
    isWhole: all.length >= wholeCases,
  };
}
