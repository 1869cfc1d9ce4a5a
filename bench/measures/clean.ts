import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '../../src/client';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { clearAway, describeRelease, startRelease, type ReleaseRun } from '../release-run';
import { advanceDraw, misbehave } from '../shop';
import { spreadOf } from '../spread';

const neededReleases = 50;
const burst = { share: 0.01, ms: 3_000 };
const longestMs = 120_000;

/** When the burst comes: not at all, at 25 %, or at full exposure. */
const moments = ['none', 'at 25 %', 'at full exposure'] as const;

type CleanRun = {
  readonly ending: string;
  readonly tookMs: number;
  readonly badAnswers: number;
  readonly reason?: string;
};

async function burstBoth({ canaryUrl, baselineUrl }: ReleaseRun): Promise<void> {
  await sleep(500 * Math.random());
  await Promise.all([canaryUrl, baselineUrl].map((url) => misbehave(url, { burst })));
}

async function releaseOnce(bench: Bench, index: number): Promise<Omit<CleanRun, 'badAnswers'>> {
  const startedMs = Date.now();
  const run = await startRelease(
    bench,
    describeRelease(bench, {
      stages: [{ canaryPercent: 25, bakeTime: '3s', minRequests: 100 }],
      fullExposure: { rollbackWindow: '2s', minRequests: 20 },
    }),
  );
  const moment = moments[index % moments.length];
  try {
    await run.atShare(25);
    await advanceDraw(run.canaryUrl, (index * 37) % 200);
    if (moment === 'at 25 %') await burstBoth(run);
    if (moment === 'at full exposure') {
      await run.atShare(99);
      await burstBoth(run);
    }
    const { ending, failure } = await run.end(longestMs);
    const tookMs = Date.now() - startedMs;
    return { ending, tookMs, ...(failure === null ? {} : { reason: failure.reason }) };
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'timed-out') throw error;
    const reason = (await run.state()).watch?.reason ?? 'unknown';
    await clearAway(bench);
    return { ending: 'Held', tookMs: Date.now() - startedMs, reason };
  }
}

/** Good releases, some of them beside errors that hit both versions alike: none may be rolled back. */
export async function measureClean(bench: Bench): Promise<Outcome> {
  const releases = bench.counts.clean;
  const found = await underLoad(bench, { requestsPerSecond: 200 }, async (load) => {
    const all: CleanRun[] = [];
    for (let index = 0; index < releases; index += 1) {
      const failedBefore = load.snapshot().failed;
      const one = await releaseOnce(bench, index);
      all.push({ ...one, badAnswers: load.snapshot().failed - failedBefore });
      bench.say(
        `clean ${index + 1}/${releases} (burst: ${moments[index % moments.length]}): ${JSON.stringify(all.at(-1))}`,
      );
    }
    return all;
  });
  const promoted = found.filter(({ ending }) => ending === 'Promoted').length;
  const held = found.filter(({ ending }) => ending === 'Held').length;
  const rolledBack = found.length - promoted - held;
  const bursts = found.filter((_, index) => index % moments.length !== 0);
  const badAnswers = bursts.reduce((sum, one) => sum + one.badAnswers, 0);
  return {
    figures: {
      releases,
      promoted,
      held,
      rolledBack,
      releasesWithBurst: bursts.length,
      badAnswersInBursts: badAnswers,
      tookMs: spreadOf(found.map(({ tookMs }) => tookMs)),
      reasons: found.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    },
    rows: [
      {
        what: `clean releases rolled back (bursts of 1 % errors on both versions in ${bursts.length}, ${badAnswers} bad answers)`,
        measured: `${rolledBack} of ${releases}`,
        bar: '0',
        isMet: rolledBack === 0,
      },
      {
        what: 'clean releases promoted',
        measured: `${promoted} of ${releases}${held > 0 ? `, ${held} held longer than ${longestMs / 1_000} s` : ''}`,
        bar: 'all',
        isMet: promoted === releases,
      },
    ],
    isWhole: releases >= neededReleases,
  };
}
