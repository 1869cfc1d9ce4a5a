import fc from 'fast-check';
import { forecastStage, leastSeconds, smallestFindable, type Traffic } from '../../../src/core/analysis/forecast';
import vectors from './vectors/forecast.json';
import { dispersionOf, trafficOf } from '../../../src/core/analysis/traffic';

const traffic = (requestsPerSecond: number, dispersion = 1.46): Traffic => ({
  requestsPerSecond,
  badShare: 0.001,
  dispersion,
});
const hour = 3_600;

describe('the smallest error ratio any rule can find in an hour, from 0.1 %', () => {
  // A canary of 10 % at 80 % power and 1 % false alarms; the rounded figures that the limit was published with.
  it.each([
    [0.2, 0.037, 0.097],
    [1, 0.011, 0.024],
    [5, 0.0044, 0.0071],
    [20, 0.0025, 0.0033],
    [100, 0.0016, 0.0019],
    [500, 0.00125, 0.00135],
    [5_000, 0.00108, 0.0011],
  ])('at %d requests a second is %d beside all traffic, and %d beside an equal baseline', (rate, all, equal) => {
    const besideAll = smallestFindable(traffic(rate), { canaryShare: 0.1, controlShare: 0.9 }, hour) ?? NaN;
    const besideEqual = smallestFindable(traffic(rate), { canaryShare: 0.1, controlShare: 0.1 }, hour) ?? NaN;
    expect(Math.abs(besideAll / all - 1)).toBeLessThan(0.2);
    expect(Math.abs(besideEqual / equal - 1)).toBeLessThan(0.2);
  });
});

it.each(vectors)('finds what scipy finds at $requestsPerSecond requests a second', (row) => {
  const found = smallestFindable(row, row, row.seconds, row);
  if (row.smallest === null) expect(found).toBeUndefined();
  else expect(Math.abs((found ?? NaN) / row.smallest - 1)).toBeLessThan(1e-9);
});

describe('the least time to find a regression for sure', () => {
  // Minutes, without dispersion.
  it.each([
    [1, 0.05, 8.3],
    [1, 0.5, 0.6],
    [20, 0.01, 3.5],
    [20, 0.005, 11.5],
    [500, 0.002, 4.5],
    [500, 0.01, 0.14],
  ])('at %d requests a second and a share of %d is %d minutes', (rate, share, minutes) => {
    const at = { canaryShare: 0.1, controlShare: 0.9 };
    expect(Math.abs(leastSeconds(share, traffic(rate, 1), at) / 60 / minutes - 1)).toBeLessThan(0.2);
  });

  it('is for ever where nothing is worse, or nothing is beside the canary', () => {
    expect(leastSeconds(0.001, traffic(100), { canaryShare: 0.1, controlShare: 0.9 })).toBe(Infinity);
    expect(leastSeconds(0.01, traffic(100), { canaryShare: 1, controlShare: 0 })).toBe(Infinity);
  });
});

describe('a stage', () => {
  const stage = { canaryShare: 0.05, controlShare: 0.95, bakeSeconds: 600, holdSeconds: 600 };
  const limit = { kind: 'margin', share: 0.005 } as const;

  it('keeps its promise in its bake at much traffic', () => {
    expect(forecastStage(traffic(500), stage, limit)).toMatchObject({ outcome: 'in-time', syntheticPerSecond: 0 });
  });

  it('asks for as much synthetic load as is missing', () => {
    const found = forecastStage(traffic(5), stage, limit);
    expect(found.outcome).toBe('too-little');
    const enough = forecastStage(traffic(5 + found.syntheticPerSecond * 1.001), stage, limit);
    expect(enough.outcome).toBe('extends');
  });

  it('finds nothing where even a canary that fails always gives too little evidence', () => {
    expect(forecastStage(traffic(0.001), stage, limit).smallestShare).toBeUndefined();
  });

  it('finds smaller regressions the more traffic and time it has, and the less its counts vary', () => {
    const rates = fc.double({ min: 0.5, max: 5_000, noNaN: true });
    fc.assert(
      fc.property(
        rates,
        fc.double({ min: 1, max: 5, noNaN: true }),
        fc.integer({ min: 60, max: 7_200 }),
        (rate, phi, s) => {
          const at = { canaryShare: 0.1, controlShare: 0.9 };
          const base = smallestFindable(traffic(rate, phi), at, s) ?? 1;
          expect(smallestFindable(traffic(2 * rate, phi), at, s) ?? 1).toBeLessThanOrEqual(base);
          expect(smallestFindable(traffic(rate, phi), at, 2 * s) ?? 1).toBeLessThanOrEqual(base);
          expect(smallestFindable(traffic(rate, phi + 0.5), at, s) ?? 1).toBeGreaterThanOrEqual(base);
        },
      ),
      { seed: 20261122, numRuns: 200 },
    );
  });
});

describe('the traffic of the last hours', () => {
  it('is its mean rate and share', () => {
    const blocks = [
      { total: 3_000, bad: 3 },
      { total: 6_000, bad: 6 },
    ];
    expect(trafficOf(blocks, 300)).toMatchObject({ requestsPerSecond: 15, badShare: 0.001 });
    expect(trafficOf([{ total: 0, bad: 0 }], 300)).toBeUndefined();
  });

  it('varies as chance does where neighbouring blocks are alike, and more where bad events come in bursts', () => {
    const even = Array.from({ length: 30 }, () => ({ total: 1_000, bad: 10 }));
    const bursts = Array.from({ length: 30 }, (_, index) => ({ total: 1_000, bad: index % 2 === 0 ? 2 : 18 }));
    expect(dispersionOf(even)).toBe(1);
    // Each pair: (18 - 10)² / (20 · ½ · ½) = 12.8.
    expect(dispersionOf(bursts)).toBeCloseTo((2.8 + 29 * 12.8) / 31, 10);
  });
});

describe('the time a proof takes', () => {
  const stage = { canaryShare: 0.05, controlShare: 0.95, bakeSeconds: 600, holdSeconds: 600 };
  const limit = { kind: 'margin', share: 0.005 } as const;

  it('is told where the stage asks for one, and is longer for a smaller risk and a tighter limit', () => {
    expect(forecastStage(traffic(500), stage, limit)).not.toHaveProperty('proofSeconds');
    const asked = { ...stage, needsProof: true };
    const { proofSeconds = 0 } = forecastStage(traffic(500), asked, limit);
    // The watch needed 60 s in the median of 100 simulated canaries.
    expect(proofSeconds).toBeGreaterThan(50);
    expect(proofSeconds).toBeLessThan(100);
    expect(forecastStage(traffic(500), asked, limit, 0.001).proofSeconds).toBeGreaterThan(proofSeconds);
    const tight = { kind: 'margin', share: 0.001 } as const;
    expect(forecastStage(traffic(500), asked, tight).proofSeconds).toBeGreaterThan(3 * proofSeconds);
  });

  it('is for ever where the limit is what the service has anyway', () => {
    const none = { kind: 'factor', factor: 1 } as const;
    expect(forecastStage(traffic(500), { ...stage, needsProof: true }, none).proofSeconds).toBe(Infinity);
  });
});
