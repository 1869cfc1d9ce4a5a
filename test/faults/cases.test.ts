import { matrixOf, randomCases } from './cases';
import { describeAgain } from './describe-case';
import { allParts } from './part-cases';
import { endings, pointsOf, recoveryPoints } from './points';
import { sampleOf } from './sample';

const matrix = matrixOf(7);

it('is the same for the same seed, and another one for another', () => {
  expect(matrixOf(7)).toEqual(matrix);
  expect(matrixOf(8)).not.toEqual(matrix);
});

it('has 500 cases, each with its own number', () => {
  expect(matrix.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, index) => index));
});

it('kills at every point of every ending', () => {
  for (const ending of endings)
    for (const point of pointsOf(ending))
      expect(matrix).toContainEqual(expect.objectContaining({ kind: 'kill', ending, points: [point] }));
});

it('has every kind of fault and every ending in the sample that is played with every change', () => {
  const sample = sampleOf(matrix, 40);
  const of = (key: 'kind' | 'ending' | 'part', from = matrix) => new Set(from.map((fault) => fault[key]));
  expect(sample).toHaveLength(40);
  for (const key of ['kind', 'ending', 'part'] as const) expect(of(key, [...sample])).toEqual(of(key));
});

it('terminates a release at every place and kills its recovery at each of its points', () => {
  const recoveries = matrix.filter(({ kind }) => kind === 'recover');
  const cuts = new Set(recoveries.flatMap((fault) => fault.cuts ?? []));
  expect(cuts).toEqual(new Set(['migrating', 'exposed', 'gate', 'backward', 'recovering']));
  expect(recoveries.map(({ points }) => points)).toEqual(expect.arrayContaining(recoveryPoints.map((each) => [each])));
  expect(new Set(recoveries.map(({ isForgotten }) => isForgotten))).toEqual(new Set([true, false]));
});

it('loses every part at every stage of a way back, and in a recovery and its proof', () => {
  const lost = matrix.flatMap(({ kind, part, partAt }) => (part === undefined ? [] : [`${kind} ${part} ${partAt}`]));
  for (const part of allParts)
    for (const when of [
      'part forward',
      'part gate',
      'part backward',
      'part proof',
      'recover recovering',
      'recover proof',
    ]) {
      const [kind, partAt] = when.split(' ');
      expect(lost).toContain(`${kind} ${part} ${partAt}`);
    }
});

it('leaves every part, and the worker, away for longer than a lease once', () => {
  const long = matrix.filter(({ isLong }) => isLong === true);
  expect(long.map(({ part }) => part).sort()).toEqual([...allParts, 'worker'].sort());
  expect(Math.min(...long.map(({ downMs }) => downMs))).toBeGreaterThan(34_000);
});

it('kills a drain before, behind and between its steps, and each part in the middle of it', () => {
  const drained = matrix.filter(({ ending }) => ending === 'drained');
  expect(new Set(drained.map(({ kind }) => kind))).toEqual(
    new Set(['kill', 'freeze', 'double-kill', 'second-worker', 'part']),
  );
  expect(drained.filter(({ points }) => /^drainTraffic:\+/.test(points[0] ?? '')).length).toBeGreaterThanOrEqual(5);
  expect(drained.flatMap(({ part = [] }) => part).sort()).toEqual([...allParts].sort());
});

it('draws any number of cases beyond the matrix, the same ones again', () => {
  const drawn = randomCases(7, 1_000);
  expect(drawn).toHaveLength(1_000);
  expect(drawn[0]?.number).toBe(500);
  expect(randomCases(7, 10)).toEqual(drawn.slice(0, 10));
});

it('says how to play a case again', () => {
  expect(matrix.slice(3, 4).map((fault) => describeAgain(fault, 30_000))[0]).toMatch(
    /^npm run faults -- --seed 7 --case 3 --freeze 30000$/,
  );
});
