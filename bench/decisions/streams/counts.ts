import type { Random } from './random';

const tableSize = 1_024;
const logFactorials = new Float64Array(tableSize);
for (let i = 2; i < tableSize; i += 1) logFactorials[i] = (logFactorials[i - 1] ?? 0) + Math.log(i);

/** ln(count!): a table, and Stirling's series beyond it (error below 1e-12). */
function logFactorial(count: number): number {
  if (count < tableSize) return logFactorials[count] ?? 0;
  const inverse = 1 / count;
  return (
    (count + 0.5) * Math.log(count) -
    count +
    0.918938533204672742 +
    inverse * (1 / 12 - (inverse * inverse) / 360 + (inverse * inverse * inverse * inverse) / 1_260)
  );
}

/** Below this mean walking up from 0 is faster than rejection. */
const smallMean = 10;

/** Counts of events that come at random moments: inversion, or Hörmann's transformed rejection (1993) from mean 10 on. */
export function drawPoisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean < smallMean) {
    const floor = Math.exp(-mean);
    let count = 0;
    for (let product = random.uniform(); product > floor; product *= random.uniform()) count += 1;
    return count;
  }
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = 0.02483 * b - 0.059;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const logMean = Math.log(mean);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.uniform();
    const edge = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return count;
    if (count < 0 || (edge < 0.013 && v > edge)) continue;
    if (Math.log((v * inverseAlpha) / (a / (edge * edge) + b)) <= count * logMean - mean - logFactorial(count))
      return count;
  }
}

/** Walks up from 0; `share` at most ½. */
function walkBinomial(random: Random, trials: number, share: number): number {
  const odds = share / (1 - share);
  let mass = Math.exp(trials * Math.log1p(-share));
  let left = random.uniform();
  let count = 0;
  while (left > mass && count < trials) {
    left -= mass;
    count += 1;
    mass *= ((trials - count + 1) / count) * odds;
  }
  return count;
}

/** Hörmann's transformed rejection for the binomial (1993); `share` at most ½ and a mean of at least 10. */
function rejectBinomial(random: Random, trials: number, share: number): number {
  const deviation = Math.sqrt(trials * share * (1 - share));
  const b = 1.15 + 2.53 * deviation;
  const a = 0.0248 * b + 0.01 * share - 0.0873;
  const centre = trials * share + 0.5;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor((trials + 1) * share);
  const logOdds = Math.log(share / (1 - share));
  const atMode = logFactorial(mode) + logFactorial(trials - mode);
  for (;;) {
    const v = random.uniform();
    const u = random.uniform() - 0.5;
    const edge = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / edge + b) * u + centre);
    if (edge >= 0.07 && v <= 0.92 - 4.2 / b) return count;
    if (count < 0 || count > trials) continue;
    const logRatio = atMode - logFactorial(count) - logFactorial(trials - count) + (count - mode) * logOdds;
    if (Math.log((v * alpha) / (a / (edge * edge) + b)) <= logRatio) return count;
  }
}

/** How many of `trials` happen when each does with chance `share`. */
export function drawBinomial(random: Random, trials: number, share: number): number {
  if (trials <= 0 || share <= 0) return 0;
  if (share >= 1) return trials;
  if (share > 0.5) return trials - drawBinomial(random, trials, 1 - share);
  return (trials * share < smallMean ? walkBinomial : rejectBinomial)(random, trials, share);
}

/** Spreads `trials` over classes with these shares (they sum to 1), written to `out` from `offset` on. */
export function drawMultinomial(
  random: Random,
  trials: number,
  shares: Float64Array,
  out: Int32Array,
  offset: number,
): void {
  const last = shares.length - 1;
  if (trials <= 2 * shares.length) {
    for (let i = 0; i < trials; i += 1) {
      let left = random.uniform();
      let chosen = 0;
      while (chosen < last && left > (shares[chosen] ?? 0)) {
        left -= shares[chosen] ?? 0;
        chosen += 1;
      }
      out[offset + chosen] = (out[offset + chosen] ?? 0) + 1;
    }
    return;
  }
  let left = trials;
  let mass = 1;
  for (let i = 0; i < last && left > 0; i += 1) {
    const share = shares[i] ?? 0;
    const count = drawBinomial(random, left, Math.min(1, share / mass));
    out[offset + i] = count;
    left -= count;
    mass -= share;
    if (mass <= 0) break;
  }
  out[offset + last] = left;
}
