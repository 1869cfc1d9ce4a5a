import { isWhole, judge } from '../../bench/data/bars';
import { drawTable } from '../../bench/table';
import { readOptions } from '../../bench/data/options';

describe('bars of data', () => {
  it.each([
    ['at its limit is met', 150_000, true],
    ['below its limit is missed', 149_999, false],
    ['that is no number is missed', NaN, false],
  ])('a figure %s', (_, rowsPerSecond, isMet) => {
    expect(judge('backfill', { rowsPerSecond, timesPgroll: 3 })[0]).toMatchObject({ bar: '≥ 150,000 rows/s', isMet });
  });

  it('are missed by a figure that was not measured', () => {
    expect(judge('kill', { redoneMost: 1 }).map(({ isMet }) => isMet)).toEqual([true, false, false]);
  });

  it('are not missed by a program that is not there, and say so', () => {
    const [, pgroll] = judge('backfill', { rowsPerSecond: 150_000 });
    expect(pgroll).toMatchObject({ measured: 'not measured', isMet: true, isSkipped: true });
    expect(drawTable(pgroll === undefined ? [] : [pgroll])).not.toMatch(/yes|NO/);
    expect(judge('backfill', { rowsPerSecond: 150_000, timesPgroll: 2.9 })[1]).toMatchObject({ isMet: false });
  });

  const whole = { rows: 1_000_000, runs: 100, cases: [] };

  it.each([
    ['a million rows are whole', 'rollback', whole, true],
    ['fewer rows are a part', 'rollback', { ...whole, rows: 999_999 }, false],
    ['a hundred moments are whole, whatever the rows', 'kills', { ...whole, rows: 1_000 }, true],
    ['fewer moments are a part', 'kills', { ...whole, runs: 99 }, false],
    ['single cases played again are a part', 'kills', { ...whole, cases: [4] }, false],
  ])('%s', (_, measure, options, isSo) => {
    expect(isWhole(measure, options)).toBe(isSo);
  });

  it('of kills are missed by one broken case', () => {
    expect(judge('kills', { moments: 100, casesBroken: 1 }).map(({ isMet }) => isMet)).toEqual([true, false]);
  });
});

it('options are read, and what nobody knows is said', () => {
  expect(readOptions(['--only', 'kill', '--kills', '3', '--seed', '1'], ['backfill', 'kill'])).toMatchObject({
    only: ['kill'],
    kills: 3,
    rows: 1_000_000,
    runs: 100,
    cases: [],
  });
  expect(readOptions(['--case', '7', '--case', '9'], ['kills']).cases).toEqual([7, 9]);
  expect(() => readOptions(['--only', 'all'], ['kill'])).toThrow('--only does not know all; it knows kill');
  expect(() => readOptions(['--rows', '5'], ['kill'])).toThrow('--rows is a whole number from 1000');
});
