import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../../src/stack/load-sender';
import { underLoad, type Bench } from '../../bench';
import type { Outcome } from '../../outcome';
import { describeRelease, requireProof, startRelease } from '../../release-run';
import { splitName } from '../../split-name';
import { describeMs, spreadOf } from '../../spread';
import type { ConfigOptions } from '../options';
import { flagNames, settings, settingsOf } from '../settings';

const barMs = 10_000;
const neededRuns = 5;

/** From the order to the end with proof, at full exposure. */
async function rollBackOnce(bench: Bench): Promise<number> {
  const stages = [{ canaryPercent: 25, bakeTime: '500ms', minRequests: 1 }];
  const version = `2.1.${bench.nextVersion().split('.').at(-1)}`;
  const run = await startRelease(
    bench,
    describeRelease(bench, { version, stages, migrations: [splitName], ...settings }),
  );
  await run.atShare(99);
  await sleep(500);
  const { flag, limit } = settingsOf(bench);
  const sentMs = nowMs();
  await run.abort();
  requireProof(await run.end(), 'Aborted');
  const tookMs = nowMs() - sentMs;
  const left = (await Promise.all(flagNames.map(flag))).some((value) => value !== undefined);
  if (left || (await limit(run.canary)) !== undefined) throw new Error('flags or configuration are not as before');
  return tookMs;
}

/** Traffic, version, flags, configuration and schema go back at full exposure, and it is proved. */
export async function measureRollback(bench: Bench, { runs }: ConfigOptions): Promise<Outcome> {
  const took: number[] = [];
  await underLoad(bench, { requestsPerSecond: 50 }, async () => {
    for (let run = 1; run <= runs; run += 1) {
      took.push(await rollBackOnce(bench));
      bench.say(`rollback ${run}/${runs}: ${Math.round(took.at(-1) ?? NaN)} ms`);
    }
  });
  const all = spreadOf(took);
  return {
    figures: { rollbackMs: all },
    rows: [
      {
        what: 'traffic, code, flags, configuration and schema back, with proof',
        measured: describeMs(all),
        bar: `max ≤ ${barMs} ms`,
        isMet: all.max <= barMs,
      },
    ],
    isWhole: all.runs >= neededRuns,
  };
}
