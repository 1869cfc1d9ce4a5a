import { exercisedByAny } from '../../../src/core/combinations/exercised';
import { isAllExercised, judgeCombinations } from '../../../src/core/combinations/judge-combinations';
import { pairsMet, type Pair } from '../../../src/core/combinations/pairs';
import type { Setting } from '../../../src/core/combinations/setting';
import { seededRandom } from '../../../src/core/seeded-random';
import { flag, key, setting } from './settings';

const shown = ({ first, second, metBy }: Pair): string =>
  `${first.setting.title}=${first.value.text} ${second.setting.title}=${second.value.text} ${metBy}`;
const judge = (settings: readonly Setting[], ...promoted: readonly (readonly Setting[])[]) =>
  judgeCombinations({ settings, promoted: { answer: promoted }, faults: [] }, 'show');

it.each<[string, readonly Setting[], readonly string[]]>([
  ['one setting makes no pair', [flag('f', 'f0', 'f1')], []],
  ['two keys are met on the canary alone', [key('k', 'k0', 'k1'), key('l', 'l0', 'l1')], ['k=k1 l=l1 canary']],
  [
    'a flag is met beside the old configuration as well, for the baseline keeps it',
    [key('k', 'k0', 'k1'), flag('f', 'f0', 'f1')],
    ['f=f1 k=k1 canary', 'f=f1 k=k0 baseline'],
  ],
  [
    'a kill switch goes back while users are on the canary',
    [key('k', 'k0', 'k1'), setting('kill-switch', 's', 's0', 's1')],
    ['s=s1 k=k1 canary', 's=s1 k=k0 baseline', 's=s0 k=k1 way-back'],
  ],
  [
    'two flags are met one after the other, forward and back',
    [flag('f', 'f0', 'f1'), flag('g', 'g0', 'g1')],
    ['f=f1 g=g1 canary', 'f=f1 g=g0 between', 'f=f0 g=g1 between'],
  ],
  ['what stays as it is makes no new pair', [flag('f', 'f1', 'f1'), key('k', 'k0', 'k0')], []],
  ['what stays is met once beside what changes', [flag('f', 'f1', 'f1'), key('k', 'k0', 'k1')], ['f=f1 k=k1 canary']],
  [
    'a value that is not known is like no other',
    [flag('f', undefined, 'f1'), key('k', undefined, 'k1')],
    ['f=f1 k=k1 canary', 'f=f1 k=now baseline'],
  ],
])('%s', (_fact, settings, pairs) => {
  expect(pairsMet(settings).map(shown)).toEqual(pairs);
});

const before = [key('k', 'k0', 'k1'), flag('f', 'f0', 'f1'), flag('g', 'g0', 'g1')];
it.each<[string, readonly Setting[], boolean]>([
  ['both as they were', [flag('f', 'x', 'f0'), key('k', 'y', 'k0')], true],
  ['both as they were set', [flag('f', 'x', 'f1'), key('k', 'y', 'k1')], true],
  ['the flag on the baseline', [flag('f', 'x', 'f1'), key('k', 'y', 'k0')], true],
  ['the new key beside the old flag, which nobody had', [flag('f', 'x', 'f0'), key('k', 'y', 'k1')], false],
  ['the flag that was set first', [flag('f', 'x', 'f1'), flag('g', 'y', 'g0')], true],
  ['the flag that was set last, met on a way back alone', [flag('f', 'x', 'f0'), flag('g', 'y', 'g1')], false],
  ['another value', [flag('f', 'x', 'f2'), key('k', 'y', 'k1')], false],
  ['another key', [flag('f', 'x', 'f1'), key('l', 'y', 'k1')], false],
])('a promotion exercised, or did not: %s', (_fact, settings, isExercised) => {
  const together = pairsMet(settings).filter(({ metBy }) => metBy === 'canary');
  expect(together.map(exercisedByAny([before]))).toEqual([isExercised]);
});

it('what is not known was never exercised', () => {
  const unknown = [flag('f', undefined, 'f1'), key('k', undefined, 'k1')];
  expect(judge(unknown, unknown).unexercised.count).toBe(1);
  const fault = { fault: 'the store is away' };
  const away = judgeCombinations({ settings: before, promoted: fault, faults: [] }, 'gate');
  expect([away.unexercised.count, away.met]).toEqual([7, 7]);
  expect(away.notKnown).toEqual(['What earlier releases exercised is not known: the store is away']);
});

it('shows the first twenty, and counts them all', () => {
  const many = Array.from({ length: 10 }, (_, index) => key(`k${index}`, '0', '1'));
  const { unexercised } = judge(many);
  expect([unexercised.count, unexercised.shown.length]).toEqual([45, 20]);
  expect(unexercised.shown[0]).toBe('k0 1 with k1 1: once both are set.');
});

it('more settings than can be paired are not taken for exercised', () => {
  const many = Array.from({ length: 201 }, (_, index) => key(`k${index}`, '0', '0'));
  const judged = judge(many);
  expect([judged.unexercised.count, judged.notKnown.length, isAllExercised(judged)]).toEqual([0, 1, false]);
});

const kinds = ['flag', 'kill-switch', 'configuration'] as const;
function drawSettings(random: () => number): readonly Setting[] {
  const draw = (below: number): number => Math.floor(random() * below);
  return Array.from({ length: 2 + draw(6) }, (_, index) =>
    setting(kinds[draw(3)] ?? 'flag', `s${index}`, `v${draw(3)}`, `v${draw(3)}`),
  );
}
const inAnyOrder = (settings: readonly Setting[], random: () => number): readonly Setting[] =>
  settings
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
const unordered = ({ first, second }: Pair): string =>
  [first, second]
    .map(({ setting: { id }, value }) => `${id}=${value.digest}`)
    .sort()
    .join(' ');

describe.each(Array.from({ length: 50 }, (_, seed) => seed))('settings of seed %i', (seed) => {
  const random = seededRandom(seed);
  const settings = drawSettings(random);
  const pairs = pairsMet(settings).map(unordered);

  it('are paired each with each, unless both are in service so already', () => {
    settings.forEach((one, index) => {
      for (const other of settings.slice(index + 1)) {
        const isKept = one.before.digest === one.after.digest && other.before.digest === other.after.digest;
        const both = [`${one.id}=${one.after.digest}`, `${other.id}=${other.after.digest}`].sort().join(' ');
        expect(pairs.includes(both)).toBe(!isKept);
      }
    });
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('make the same pairs in any order', () => {
    expect(pairsMet(inAnyOrder(settings, random)).map(unordered).sort()).toEqual([...pairs].sort());
  });

  it('are not told again once they were promoted, but for what only a way back shows', () => {
    const again = pairsMet(settings).filter((pair) => !exercisedByAny([inAnyOrder(settings, random)])(pair));
    expect(again.filter(({ metBy }) => metBy === 'canary' || metBy === 'baseline')).toEqual([]);
    // Set one after the other with nothing else about them, they were all in service.
    const alone = pairsMet(settings).map(({ first, second }) => [
      { ...first.setting, before: first.value, after: first.value },
      { ...second.setting, before: second.value, after: second.value },
    ]);
    expect(judge(settings, ...alone).unexercised.count).toBe(0);
  });
});
