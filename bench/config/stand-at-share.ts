import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../src/stack/haproxy';
import type { Bench } from '../bench';
import { describeRelease, startRelease, type ReleaseRun } from '../release-run';
import { parseWeights, shareOf } from '../weights';
import { shuffled, type Change, type Standing } from './change-by-hand';
import { addNote, runByHand, schemaChanges } from './schema-by-hand';
import { flagNames, limit, settings, settingsOf } from './settings';

const canaryPercent = 25;
/** What is changed a third time is set back later and later, or turns the release back: the next one begins to count anew. */
const changesOfOne = 2;

function changesOf(bench: Bench, run: ReleaseRun, random: () => number): readonly Change[] {
  const { canary } = run;
  const { flag, changeFlag, limit: readLimit, changeLimit } = settingsOf(bench);
  const other = (): number => 1_000 + Math.floor(random() * 1_000);
  const flags = flagNames.map((name) => ({
    what: 'flag',
    make: () => changeFlag(name, random() < 0.5 ? false : `somebody else's ${other()}`),
    isAnswered: async () => (await flag(name)) === true,
  }));
  const file = {
    what: 'configuration file',
    make: () => changeLimit(canary, other()),
    isAnswered: async () => (await readLimit(canary)) === limit,
  };
  const weight = {
    what: 'weight',
    make: () => askHaproxy(bench.socketPath, `set server shop/${canary} weight ${Math.floor(random() * 256)}`),
    isAnswered: async () => {
      const found = parseWeights(await askHaproxy(bench.socketPath, 'show servers state shop'));
      return Math.abs(shareOf(found, canary) - canaryPercent) < 0.3;
    },
  };
  const schemas = Array.from({ length: changesOfOne }, (): Change => {
    const change = schemaChanges[Math.floor(random() * schemaChanges.length)] ?? schemaChanges[0];
    return {
      what: 'schema',
      make: () => runByHand(bench.embedded.shopDsn, change.make),
      isAnswered: async () => {
        const found = (await run.state()).drifts?.['schema/shop-database'];
        return found !== undefined && found.endedAtMs === undefined && found.observed.includes(change.told);
      },
      takeBack: () => runByHand(bench.embedded.shopDsn, change.takeBack),
    };
  });
  const twice = [...flags, file, weight].flatMap((change) => Array.from({ length: changesOfOne }, () => change));
  return [...twice, ...schemas];
}

/** A release at 25 % with flags, a configuration and a migration, and all that is changed behind its back. */
export async function standAtShare(bench: Bench, random: () => number): Promise<Standing> {
  const stages = [{ canaryPercent, bakeTime: '1h', minRequests: 1 }];
  const run = await startRelease(bench, describeRelease(bench, { stages, ...settings, migrations: [addNote] }));
  await run.atShare(canaryPercent);
  while ((await run.state()).schemas === undefined) await sleep(50);
  return { run, changes: shuffled(changesOf(bench, run, random), random) };
}
