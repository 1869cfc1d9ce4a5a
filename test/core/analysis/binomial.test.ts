import * as fc from 'fast-check';
import { binomialUpperTail, hypergeometricUpperTail } from '../../../src/core/analysis/binomial';

/** Summed with sixty digits. */
const binomialTails: readonly [successes: number, trials: number, chance: number, tail: number][] = [
  [1, 1, 0.5, 0.5],
  [3, 5, 0.5, 0.5],
  [5, 25, 0.005, 1.5274412099046806e-7],
  [7, 25, 0.0058, 9.685539919674596e-11],
  [25, 25, 0.01, 1.0000000000000005e-50],
  [150, 200, 0.005, 2.4791240481009857e-298],
  [60, 1000, 0.05, 0.08673217838486102],
  [1, 1000, 1e-6, 0.0009995006661255911],
  [412, 1000, 0.4, 0.228661472258675],
  [13, 412, 0.007, 9.571427108180207e-6],
  [120, 120, 0.003, 1.7970102999144357e-303],
  [10500, 1_000_000, 0.01, 3.158565879247263e-7],
  [5_030_000, 1_000_000_000, 0.005, 1.8456189755666743e-41],
  [5_015_000, 1_000_000_000, 0.005, 8.990313629952677e-12],
  [1, 1_000_000_000, 1e-12, 0.0009995001666255078],
  [3, 1_000_000_000, 1e-9, 0.08030139697942435],
];

const hypergeometricTails: readonly [number, number, number, number, tail: number][] = [
  [7, 25, 7, 100, 3.0029559531643322e-5],
  [5, 5, 5, 10, 0.003968253968253968],
  [1, 4, 4, 8, 0.9857142857142858],
  [12, 25, 16, 100, 4.966689145375458e-6],
  [99, 99, 99, 100, 0.01],
  [450, 891, 450, 900, 0.001875825214915494],
  [445, 990, 445, 1000, 0.0026737423234097463],
  [40, 1000, 60, 4000, 8.642715671241961e-12],
  [300, 2000, 300, 8000, 3.8238492863382527e-189],
  [20, 50, 90, 200, 0.8375805969083568],
  [3, 50, 9, 200, 0.399298179968935],
];

const relativeError = (got: number, known: number): number => Math.abs(got - known) / known;

describe('tails of the binomial', () => {
  it.each(binomialTails)('knows P(X ≥ %d) of %d at %d', (successes, trials, chance, tail) => {
    expect(relativeError(binomialUpperTail({ successes, trials, chance }), tail)).toBeLessThan(1e-10);
  });

  it('is certain at none, and impossible beyond all', () => {
    expect(binomialUpperTail({ successes: 0, trials: 0, chance: 0.1 })).toBe(1);
    expect(binomialUpperTail({ successes: 1, trials: 9, chance: 0 })).toBe(0);
    expect(binomialUpperTail({ successes: 9, trials: 9, chance: 1 })).toBe(1);
    expect(binomialUpperTail({ successes: 10, trials: 9, chance: 1 })).toBe(0);
  });

  it('falls as successes grow and rises with the chance', () => {
    const chances = fc.double({ min: 1e-6, max: 0.999, noNaN: true });
    const property = fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(3000), chances, (trials, some, chance) => {
      const successes = some % (trials + 1);
      const tail = binomialUpperTail({ successes, trials, chance });
      expect(tail).toBeGreaterThanOrEqual(0);
      expect(binomialUpperTail({ successes: successes + 1, trials, chance })).toBeLessThanOrEqual(tail + 1e-12);
      expect(binomialUpperTail({ successes, trials, chance: chance * 1.001 })).toBeGreaterThanOrEqual(tail - 1e-12);
    });
    fc.assert(property, { seed: 7, numRuns: 300 });
  });

  it('stops early only at numbers that are enough', () => {
    expect(binomialUpperTail({ successes: 60, trials: 1000, chance: 0.05 }, 1e-6)).toBeGreaterThanOrEqual(1e-6);
    expect(binomialUpperTail({ successes: 25, trials: 25, chance: 0.01 }, 1e-6)).toBeLessThan(1e-6);
  });
});

describe('tails of the hypergeometric', () => {
  it.each(hypergeometricTails)('knows P(X ≥ %d) of %d drawn, %d marked among %d', (...row) => {
    const [successes, drawn, marked, population, tail] = row;
    const got = hypergeometricUpperTail({ successes, drawn, marked, population });
    expect(relativeError(got, tail)).toBeLessThan(1e-10);
  });

  it('agrees with plain counting in small populations', () => {
    const choose = (n: number, k: number): number =>
      k < 0 || k > n ? 0 : k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
    const counts = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(40), fc.nat(40), fc.nat(41));
    const property = fc.property(counts, ([population, some, others, successes]) => {
      const [drawn, marked] = [some % (population + 1), others % (population + 1)];
      let ways = 0;
      for (let k = successes; k <= drawn; k += 1) ways += choose(marked, k) * choose(population - marked, drawn - k);
      const tail = hypergeometricUpperTail({ successes, drawn, marked, population });
      expect(tail).toBeCloseTo(ways / choose(population, drawn), 10);
    });
    fc.assert(property, { seed: 7, numRuns: 500 });
  });
});
