import { describeAgain, nameOf } from './describe-case';
import { isQuiet, momentCases } from './moments';

const cases = momentCases(7, { points: 20, moments: 120 });
const moments = cases.filter(({ strikes = [] }) => strikes.length > 0);

it('is the same for the same seed, and another one for another', () => {
  expect(momentCases(7, { points: 20, moments: 120 })).toEqual(cases);
  expect(momentCases(8, { points: 20, moments: 120 })).not.toEqual(cases);
});

it('draws a case as it is drawn among more of them', () => {
  const few = momentCases(7, { points: 2, moments: 6 });
  expect(cases).toEqual(expect.arrayContaining([...few]));
});

it('plays every ending undisturbed first, because that tells how long its ways are', () => {
  const endings = new Set(cases.filter((fault) => !isQuiet(fault)).map(({ ending }) => ending));
  expect(new Set(cases.filter(isQuiet).map(({ ending }) => ending))).toEqual(endings);
  expect(cases.findIndex((fault) => !isQuiet(fault))).toBe(endings.size);
});

it.each(['forward', 'contract', 'backward'] as const)(
  'has as many moments %s as on the other ways, all over it',
  (way) => {
    const shares = moments.flatMap(({ strikes = [] }) => strikes.filter((one) => one.way === way));
    expect(shares).toHaveLength(40);
    const tenths = new Set(shares.map(({ share }) => Math.floor(share * 10)));
    expect([...tenths].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  },
);

it('kills worker and database about as often, sometimes one while the other comes back', () => {
  const strikes = moments.flatMap(({ strikes: all = [] }) => all);
  const killed = strikes.filter(({ victim }) => victim === 'database').length;
  expect(killed).toBeGreaterThan(40);
  expect(killed).toBeLessThan(80);
  expect(strikes.some(({ victim, again }) => victim === 'worker' && again?.victim === 'database')).toBe(true);
});

it('kills worker and database also at points of activities, and in the middle of them', () => {
  const points = momentCases(7, { points: Infinity, moments: 0 }).flatMap((fault) => fault.points);
  for (const point of ['renameOldForm:K2', 'undoMigration#1:K1:database']) expect(points).toContain(point);
  expect(points).toContainEqual(expect.stringMatching(/^backfill:\+\d+$/));
  expect(points).toContainEqual(expect.stringMatching(/^dropOldForm:\+\d+:database$/));
});

it('says how to play a case again', () => {
  const [first] = moments;
  if (first === undefined) throw new Error('there is a moment');
  expect(describeAgain(first, 4_000)).toBe(`npm run bench:data -- --only kills --seed 7 --case ${first.number}`);
  expect(nameOf(first)).toMatch(/^case \d+: moment, contracted, (worker|database) killed \d+ % forward/);
});
