import { bars, judge } from '../../bench/faults/bars';
import { readOptions } from '../../bench/faults/options';

describe('bars under faults', () => {
  it.each([
    ['at its limit is met', 1_800, true],
    ['above its limit is missed', 1_801, false],
    ['that is no number is missed', NaN, false],
  ])('a figure %s', (_, p95Ms, isMet) => {
    expect(judge('second-worker', { p95Ms, runs: 10 })[0]).toMatchObject({ bar: '≤ 1800 ms', isMet });
  });

  it('are missed by a figure that was not measured, and by too few runs', () => {
    expect(judge('second-worker', { runs: 9 })).toMatchObject([
      { measured: 'not measured', isMet: false },
      { measured: '9', bar: '≥ 10', isMet: false },
    ]);
  });

  it('each have one limit', () => {
    for (const { most, least } of Object.values(bars).flat())
      expect([most, least].filter((limit) => limit !== undefined)).toHaveLength(1);
  });
});

describe('options under faults', () => {
  it('take any number of random cases and keep the seed', () => {
    expect(readOptions(['--random', '5000', '--seed', '7'], ['flood'])).toMatchObject({
      only: ['flood'],
      cases: 500,
      random: 5_000,
      seed: 7,
    });
  });

  it.each([
    [['--only', 'speed'], 'it knows flood'],
    [['--cases', 'many'], '--cases is a whole number'],
  ])('%j are refused in plain words', (args, words) => {
    expect(() => readOptions(args, ['flood'])).toThrow(words);
  });
});
