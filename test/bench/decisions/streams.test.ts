import { harmPerRequest, lateLimitS, limitS, retryDispersion } from '../../../bench/decisions/limit';
import { isTickBound, mostDelayS } from '../../../bench/decisions/rows';
import { drawBinomial, drawMultinomial, drawPoisson } from '../../../bench/decisions/streams/counts';
import { bucketShares, buckets } from '../../../bench/decisions/streams/latency';
import { createRandom } from '../../../bench/decisions/streams/random';
import { durationS, scenario } from '../../../bench/decisions/streams/scenario';
import { simulate } from '../../../bench/decisions/streams/simulate';

const draws = 40_000;

/** Mean and variance of what is drawn, in standard errors away from what they should be. */
function awayFrom(draw: () => number, mean: number, variance: number): readonly number[] {
  const values = Array.from({ length: draws }, draw);
  const found = values.reduce((sum, value) => sum + value, 0) / draws;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
  // The variance of a variance is near 2 σ⁴ / n, and larger for small counts.
  return [
    (found - mean) / Math.sqrt(variance / draws),
    (spread - variance) / (variance * Math.sqrt((2 + 1 / variance) / draws)),
  ];
}

describe('random numbers', () => {
  const random = createRandom('a fixed seed');
  it.each([
    ['normal', () => random.normal(), 0, 1],
    ['gamma of 2.5', () => random.gamma(2.5), 2.5, 2.5],
    ['gamma of 2500', () => random.gamma(2_500), 2_500, 2_500],
    ['Poisson of 0.3', () => drawPoisson(random, 0.3), 0.3, 0.3],
    ['Poisson of 40', () => drawPoisson(random, 40), 40, 40],
    ['Poisson of 60000', () => drawPoisson(random, 60_000), 60_000, 60_000],
    ['binomial of 30 at 2 %', () => drawBinomial(random, 30, 0.02), 0.6, 0.588],
    ['binomial of 500 at 30 %', () => drawBinomial(random, 500, 0.3), 150, 105],
    ['binomial of 60000 at 97 %', () => drawBinomial(random, 60_000, 0.97), 58_200, 1_746],
  ])('%s have their mean and their variance', (_, draw, mean, variance) => {
    for (const deviations of awayFrom(draw, mean, variance)) expect(Math.abs(deviations)).toBeLessThan(5);
  });

  it.each([7, 600])('spread %d requests over all buckets by their shares', (trials) => {
    const shares = bucketShares(0, 1);
    const sums = new Float64Array(buckets);
    for (let i = 0; i < draws / 10; i += 1) {
      const row = new Int32Array(buckets);
      drawMultinomial(random, trials, shares, row, 0);
      expect(row.reduce((sum, count) => sum + count, 0)).toBe(trials);
      row.forEach((count, bucket) => (sums[bucket] = (sums[bucket] ?? 0) + count));
    }
    const total = (trials * draws) / 10;
    sums.forEach((sum, bucket) => {
      const expected = total * (shares[bucket] ?? 0);
      expect(Math.abs(sum - expected)).toBeLessThanOrEqual(5 * Math.sqrt(expected) + 1);
    });
  });
});

describe('streams', () => {
  const clean = scenario({ name: 'clean', rps: 50 });

  it('repeat under their seed and number, and differ under others', () => {
    const once = simulate(clean, 7, 3);
    expect(simulate(clean, 7, 3)).toEqual(once);
    expect(simulate(clean, 8, 3).canary.n).not.toEqual(once.canary.n);
    expect(simulate(clean, 7, 4).canary.n).not.toEqual(once.canary.n);
  });

  it.each([
    ['15 s', clean],
    ['0.2 s', scenario({ name: 'clean', rps: 50, tickS: 0.2, ticks: 5_000 })],
  ])('at ticks of %s carry the traffic, the errors and the latency they declare', (_, one) => {
    const sums = { n: 0, err: 0, slow: 0, all: 0 };
    for (let number = 0; number < 12; number += 1) {
      const { canary, stable } = simulate(one, 11, number);
      for (let tick = 0; tick < one.ticks; tick += 1) {
        sums.n += canary.n[tick] ?? 0;
        sums.all += stable.n[tick] ?? 0;
        sums.err += stable.err[tick] ?? 0;
        for (let bucket = 7; bucket < buckets; bucket += 1) sums.slow += stable.slow[tick * buckets + bucket] ?? 0;
      }
    }
    // The day moves the load of an hour by half, so twelve streams leave it uncertain by a tenth and more.
    expect(sums.n / (12 * 50 * 0.1 * durationS(one))).toBeCloseTo(1, 0);
    expect(sums.n / sums.all).toBeCloseTo(1 / 8, 2);
    expect(sums.err / sums.all).toBeGreaterThan(0.0008);
    expect(sums.err / sums.all).toBeLessThan(0.0012);
    // 1.44 % of healthy requests take longer than 250 ms.
    expect(sums.slow / sums.all).toBeGreaterThan(0.0115);
    expect(sums.slow / sums.all).toBeLessThan(0.0185);
  });
});

// Minutes, from an independent implementation of the same formulas.
describe('the limit', () => {
  const errors = (share: number, rps: number) => scenario({ name: 'errors', rps, kind: 'bad', canaryErrors: share });
  const slower = (tailFactor: number, rps: number) => scenario({ name: 'slower', rps, kind: 'bad', tailFactor });

  it.each([
    [errors(0.002, 500), 4.53712],
    [errors(0.01, 20), 3.53139],
    [errors(0.05, 1), 8.34447],
    [slower(1.05, 500), 9.94653],
    [slower(1.2, 20), 16.21713],
    [slower(2, 500), 0.04694],
  ])('is the known one: %#', (bad, minutes) => {
    expect(limitS(bad, 0.01) / 60).toBeCloseTo(minutes, 3);
  });

  it('is longer where nobody knows when the canary turns bad, and longest for the rarest errors', () => {
    const late = { ...errors(0.01, 20), onsetS: 1_800 };
    expect(lateLimitS(late, 0.01, 1)).toBeGreaterThan(limitS(late, 0.01));
    expect(limitS(errors(0.005, 20), 0.01)).toBeGreaterThan(limitS(errors(0.01, 20), 0.01));
  });

  it('makes bars that end with a tick, and none where no rule could answer in time', () => {
    expect(retryDispersion).toBeCloseTo(1.4615, 4);
    expect(mostDelayS(errors(0.05, 500), 1.5)).toBe(15);
    expect(isTickBound(errors(0.05, 500), 1.5)).toBe(true);
    expect(mostDelayS(errors(0.01, 20), 1.5)).toBe(465);
    expect(mostDelayS(errors(0.002, 20), 1.5)).toBeUndefined();
  });

  it('counts as harm what the bad canary adds', () => {
    expect(harmPerRequest(errors(0.05, 1))).toBeCloseTo(0.049, 10);
    expect(harmPerRequest(slower(2, 1))).toBeGreaterThan(0.02);
  });
});
