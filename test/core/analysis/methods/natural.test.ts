import { naturalFactor, stepLoad } from '../../../../src/core/analysis/methods/natural';

const natural = { naturalSd: 0.27, naturalS: 134 };
const prior = 1.4;

/** Weights of ticks of one length on so much information a second. */
function weightsOf(lengthS: number, ticks: number, information: number): readonly number[] {
  let load = 0;
  return Array.from({ length: ticks }, () => {
    const factor = naturalFactor(load, prior, information, lengthS, natural);
    load = stepLoad(load, factor, information, lengthS, natural);
    return 1 / factor;
  });
}

/** The variance of weighted evidence of which each tick has its own noise and all share one that forgets, over what the bet allows. */
function spent(weights: readonly number[], lengthS: number, information: number): number {
  const each = information * lengthS;
  const tau = natural.naturalS / 2;
  const ofOwn = weights.reduce((sum, w) => sum + prior * w * w * each, 0);
  // The mean correlation of two stretches of an Ornstein-Uhlenbeck process, from their distance in ticks.
  const x = lengthS / tau;
  const self = (2 * (x - 1 + Math.exp(-x))) / (x * x);
  const alike = (lag: number): number =>
    lag === 0 ? self : (Math.exp(-x * (lag - 1)) * (1 - Math.exp(-x)) ** 2) / (x * x);
  let shared = 0;
  weights.forEach((a, i) => weights.forEach((b, j) => (shared += a * b * alike(Math.abs(i - j)))));
  const allowed = weights.reduce((sum, w) => sum + w * each, 0);
  return (ofOwn + natural.naturalSd ** 2 * each * each * shared) / allowed;
}

describe('the dispersion of passing differences', () => {
  it.each([
    [0.2, 80, 0.045],
    [0.2, 80, 0.45],
    [1, 80, 4.5],
    [15, 60, 0.0018],
    [15, 60, 0.45],
    [60, 60, 4.5],
    [600, 6, 0.45],
  ])(
    'at ticks of %d s lets %d of them vary by what the bet allows, at information %d',
    (lengthS, ticks, information) => {
      const weights = weightsOf(lengthS, ticks, information);
      weights.forEach((_, i) => {
        const share = spent(weights.slice(0, i + 1), lengthS, information);
        expect(share).toBeLessThan(1.02);
        expect(share).toBeGreaterThan(0.7);
      });
    },
  );

  it('is the prior at once, and that of white noise in the long run', () => {
    const weights = weightsOf(0.2, 5_000, 0.45);
    expect(1 / (weights[0] ?? NaN)).toBeCloseTo(prior, 1);
    expect(1 / (weights.at(-1) ?? NaN)).toBeCloseTo(prior + 0.27 ** 2 * 134 * 0.45, 1);
  });

  it('is never below the prior, whatever the ticks before were', () => {
    let load = 0;
    for (const information of [0.1, 40, 0.1, 0, 3, 0.01]) {
      const factor = naturalFactor(load, prior, information, 15, natural);
      expect(factor).toBeGreaterThanOrEqual(prior);
      load = stepLoad(load, factor, information, 15, natural);
    }
  });
});
