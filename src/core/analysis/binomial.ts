/** Draws of a binomial variable: `trials` with `chance` each, and how many succeeded. */
export type Binomial = { readonly successes: number; readonly trials: number; readonly chance: number };

/** Draws without replacement: `marked` of `population` are marked, `drawn` are drawn, `successes` of these marked. */
export type Hypergeometric = {
  readonly successes: number;
  readonly drawn: number;
  readonly marked: number;
  readonly population: number;
};

const halfLogTau = 0.5 * Math.log(2 * Math.PI);
/** Where the tail's remaining terms cannot change a double any more. */
const precision = 1e-17;

/** ln(n!) minus Stirling's formula for it; small numbers exactly, where the series converges badly. */
const stirlingRest = (n: number): number => {
  if (n > 15) {
    const square = n * n;
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
  }
  return smallRests[n] ?? 0;
};

const smallRests = Array.from({ length: 16 }, (_, n) => {
  if (n === 0) return 0;
  let factorial = 1;
  for (let i = 2; i <= n; i += 1) factorial *= i;
  return Math.log(factorial) - (n + 0.5) * Math.log(n) + n - halfLogTau;
});

/** x ln(x / mean) + mean - x, without the cancellation that costs all digits where x is near the mean. */
function deviance(x: number, mean: number): number {
  const distance = x - mean;
  const ratio = distance / (x + mean);
  if (Math.abs(ratio) >= 0.1) return x * Math.log(x / mean) - distance;
  let sum = distance * ratio;
  let power = 2 * x * ratio;
  for (let i = 3; i < 100; i += 2) {
    power *= ratio * ratio;
    const next = sum + power / i;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** ln P(X = successes), accurate for any number of trials because the large parts are taken apart first. */
function logBinomialPoint({ successes: k, trials: n, chance }: Binomial): number {
  if (chance <= 0) return k === 0 ? 0 : -Infinity;
  if (chance >= 1) return k === n ? 0 : -Infinity;
  if (k === 0) return n * Math.log1p(-chance);
  if (k === n) return n * Math.log(chance);
  const rests = stirlingRest(n) - stirlingRest(k) - stirlingRest(n - k);
  const parts = deviance(k, n * chance) + deviance(n - k, n * (1 - chance));
  return rests - parts - halfLogTau - 0.5 * (Math.log(k) + Math.log1p(-k / n));
}

function logHypergeometricPoint({ successes, drawn, marked, population }: Hypergeometric): number {
  const chance = drawn / population;
  return (
    logBinomialPoint({ successes, trials: marked, chance }) +
    logBinomialPoint({ successes: drawn - successes, trials: population - marked, chance }) -
    logBinomialPoint({ successes: drawn, trials: population, chance })
  );
}

/** The sum 1 + r(0) + r(0) r(1) + …, or any number above `enough` as soon as it is. */
function sumOfRatios(ratio: (step: number) => number, steps: number, enough: number): number {
  let [sum, term] = [1, 1];
  for (let step = 0; step < steps && sum <= enough; step += 1) {
    const next = ratio(step);
    term *= next;
    sum += term;
    // The ratios fall, so the rest is less than a geometric series.
    if (next < 1 && term * next < precision * sum * (1 - next)) break;
  }
  return sum;
}

/** P(X ≥ successes): exact, down to the smallest double. At or above `enough` it may stop at any number that is. */
export function binomialUpperTail({ successes: k, trials: n, chance }: Binomial, enough = Infinity): number {
  if (k <= 0 || chance >= 1) return k <= n ? 1 : 0;
  if (k > n || chance <= 0) return 0;
  const odds = chance / (1 - chance);
  const point = Math.exp(logBinomialPoint({ successes: k, trials: n, chance }));
  if (k > n * chance) {
    return Math.min(1, point * sumOfRatios((i) => ((n - k - i) / (k + 1 + i)) * odds, n - k, enough / point));
  }
  const below = Math.exp(logBinomialPoint({ successes: k - 1, trials: n, chance }));
  return Math.max(0, 1 - below * sumOfRatios((i) => (k - 1 - i) / (n - k + 2 + i) / odds, k - 1, Infinity));
}

/** P(X ≥ successes) when drawing without replacement: exact; `enough` as in `binomialUpperTail`. */
export function hypergeometricUpperTail(draws: Hypergeometric, enough = Infinity): number {
  const { successes: k, drawn, marked, population } = draws;
  const [least, most] = [Math.max(0, drawn + marked - population), Math.min(drawn, marked)];
  if (k <= least) return 1;
  if (k > most) return 0;
  const point = Math.exp(logHypergeometricPoint(draws));
  const others = population - drawn - marked;
  if (k * population > drawn * marked) {
    const up = (i: number): number => ((drawn - k - i) * (marked - k - i)) / ((k + 1 + i) * (others + k + 1 + i));
    return Math.min(1, point * sumOfRatios(up, most - k, enough / point));
  }
  const below = Math.exp(logHypergeometricPoint({ ...draws, successes: k - 1 }));
  const down = (i: number): number =>
    ((k - 1 - i) * (others + k - 1 - i)) / ((drawn - k + 2 + i) * (marked - k + 2 + i));
  return Math.max(0, 1 - below * sumOfRatios(down, k - 1 - least, Infinity));
}
