import { seededRandom } from '../../../src/core/seeded-random';
import type { EmbeddedOptions } from '../../../src/stack/embedded';
import { startBench, type Bench } from '../../bench';
import type { Outcome, Row } from '../../outcome';
import { describeMs, spreadOf } from '../../spread';
import { canaryPercent, type Found } from '../lose-once';
import { loseMembers, type FoundMembers } from '../lose-members';
import { loseInBothSlots } from '../lose-weights';
import { losses } from '../losses';
import type { ConfigOptions } from '../options';

const barMs = 2_000;
const neededRuns = 5;

const restored = (of: string, found: readonly { readonly restoredMs: number }[]): Row => {
  const spread = spreadOf(found.map(({ restoredMs }) => restoredMs));
  return {
    what: `${of}: from the first answer of the new process until all is as before`,
    measured: describeMs(spread),
    bar: `max ≤ ${barMs} ms`,
    isMet: spread.max <= barMs,
  };
};

const sum = <K extends string>(of: readonly { readonly [key in K]: number }[], key: K): number =>
  of.reduce((total, one) => total + one[key], 0);

/** With a bar, or as what the environment has chosen. */
function above(where: string, found: readonly Found[], hasBar: boolean): Row {
  const over = sum(found, 'above');
  return {
    what: `requests above ${canaryPercent} % meanwhile, ${where}`,
    measured: `${over} (it had ${sum(found, 'canary')} of ${sum(found, 'requests')})`,
    bar: hasBar ? '0' : '–',
    isMet: !hasBar || over === 0,
  };
}

const leaked = (where: string, found: readonly FoundMembers[]): Row => ({
  what: `requests from outside the cohort that reached the canary meanwhile, ${where}`,
  measured: `${sum(found, 'leaked')} of ${sum(found, 'outside')}`,
  bar: '0',
  isMet: sum(found, 'leaked') === 0 && sum(found, 'outside') > 0,
});

const wentBack = (where: string, found: readonly FoundMembers[], hasBar: boolean): Row => ({
  what: `requests of the cohort that the baseline answered meanwhile, ${where}`,
  measured: `${sum(found, 'goneBack')} of ${sum(found, 'members')}`,
  bar: hasBar ? '0' : '–',
  isMet: !hasBar || sum(found, 'goneBack') === 0,
});

async function onItsOwn<T>(shared: Bench, options: EmbeddedOptions, work: (bench: Bench) => Promise<T>): Promise<T> {
  const bench = await startBench(shared.counts, (line) => shared.say(line), options);
  return work(bench).finally(() => bench.stop());
}

/** A proxy crashes or is reloaded during a release: how long until it is as before, and what users got meanwhile. */
export async function measureRestart(bench: Bench, { runs, seed }: ConfigOptions): Promise<Outcome> {
  const losing = { runs, random: seededRandom(seed) };
  const kept = await loseInBothSlots(bench, losing);
  const members = await onItsOwn(bench, { hasCohorts: true, keepsState: true }, (own) => loseMembers(own, losing));
  const none = await onItsOwn(bench, {}, (own) => loseInBothSlots(own, losing));
  const [withMap, withoutMap] = [
    members.filter(({ isMapLost }) => !isMapLost),
    members.filter(({ isMapLost }) => isMapLost),
  ];
  const accepted = [...none.green, ...none.blue];
  const byKind = losses.map(({ name }) => ({
    name,
    spread: spreadOf(accepted.filter((one) => one.name === name).map(({ restoredMs }) => restoredMs)),
  }));
  const choice = '`stateFiles: none`';
  return {
    figures: {
      kept: { green: kept.green, blue: kept.blue },
      members,
      none: { green: none.green, blue: none.blue },
    },
    rows: [
      restored('state file kept', [...kept.green, ...kept.blue]),
      above('state file kept, canary in the slot that the configuration starts without', kept.green, true),
      above('state file kept, canary in the slot that it starts with', kept.blue, true),
      restored('cohort, state file and map kept', withMap),
      leaked('state file and map kept', withMap),
      wentBack('state file and map kept', withMap, true),
      restored('cohort, file of the map lost', withoutMap),
      leaked('file of the map lost', withoutMap),
      wentBack('file of the map lost', withoutMap, false),
      restored(`${choice}, a choice`, accepted),
      ...byKind.map(({ name, spread }) => ({
        what: `of it, by ${name}`,
        measured: describeMs(spread),
        bar: '–',
        isMet: true,
      })),
      above(`${choice}, canary in the slot that the configuration starts without`, none.green, true),
      above(`${choice}, canary in the slot that it starts with: what that choice accepts`, none.blue, false),
    ],
    isWhole: runs >= neededRuns,
  };
}
