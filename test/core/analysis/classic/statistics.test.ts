import fc from 'fast-check';
import { normalUpperQuantile, normalUpperTail } from '../../../../src/core/analysis/normal';
import { pValueOf } from '../../../../src/core/analysis/classic/p-value';
import { rankSum } from '../../../../src/core/analysis/classic/ranks';
import { effectSize, withoutOutliers } from '../../../../src/core/analysis/classic/samples';
import { shiftOf, shiftResolution } from '../../../../src/core/analysis/classic/shift';
import vectors from './vectors.json';

const relative = (found: number, wanted: number): number => Math.abs(found - wanted) / Math.abs(wanted);

test.each(vectors.quantiles)('the quantile of the tail %d is scipy’s %d', (tail, x) => {
  expect(relative(normalUpperQuantile(tail ?? NaN), x ?? NaN)).toBeLessThan(1e-12);
});

test.each(vectors.tails)('the tail above %d is scipy’s %d', (x, tail) => {
  expect(relative(normalUpperTail(x ?? NaN), tail ?? NaN)).toBeLessThan(1e-11);
});

test('an outlier is what numpy’s percentiles call one', () => {
  expect(withoutOutliers(vectors.outliers.values, 3)).toEqual(vectors.outliers.kept);
  expect(vectors.outliers.kept.length).toBeLessThan(vectors.outliers.values.length);
});

describe.each(vectors.samples)('$name', ({ x, y, u, p, method, cles, low, high, estimate }) => {
  test('has scipy’s U and p', () => {
    expect(rankSum(x, y).u).toBe(u);
    const found = pValueOf(x, y);
    expect(found.method).toBe(method);
    expect(relative(found.value, p)).toBeLessThan(1e-10);
  });

  test('has scipy’s shift and interval, to the resolution', () => {
    const found = shiftOf(x, y, 0.98);
    for (const [got, [from = NaN, to = NaN]] of [
      [found.low, low],
      [found.high, high],
      [found.estimate, estimate],
    ] as const) {
      // The test may stand still between two differences, and any shift between them is as good.
      expect(got).toBeGreaterThan(from - shiftResolution);
      expect(got).toBeLessThan(to + shiftResolution);
    }
  });

  test('has scipy’s effect size', () => {
    expect(effectSize('cles', x, y)).toBeCloseTo(cles, 12);
  });
});

const few = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 3, maxLength: 20 });

test('a shift goes with the canary, and changes its sign with the arms', () => {
  fc.assert(
    fc.property(few, few, fc.integer({ min: -500, max: 500 }), (canary, baseline, by) => {
      const found = shiftOf(canary, baseline, 0.98);
      const moved = shiftOf(
        canary.map((value) => value + by),
        baseline,
        0.98,
      );
      const turned = shiftOf(baseline, canary, 0.98);
      expect(found.low).toBeLessThanOrEqual(found.high + shiftResolution);
      // Where half of the pairs lie below a whole stretch, any point of it is an estimate: the ends agree.
      expect(Math.abs(moved.low - found.low - by)).toBeLessThan(2 * shiftResolution);
      expect(Math.abs(turned.high + found.low)).toBeLessThan(2 * shiftResolution);
    }),
    { seed: 7, numRuns: 100 },
  );
});

test('the p of a pair is the p of the pair turned round', () => {
  fc.assert(
    fc.property(few, few, (canary, baseline) => {
      expect(pValueOf(canary, baseline).value).toBeCloseTo(pValueOf(baseline, canary).value, 12);
    }),
    { seed: 7, numRuns: 100 },
  );
});
