import { bucketShares, slowerThanP99 } from './streams/latency';
import { durationS, healthyErrors, type Scenario } from './streams/scenario';

/** Variance over mean of error counts when three of ten failed requests come back as another: E[X²]/E[X] of X = 1 or 2. */
export const retryDispersion = (1 + 0.3 * 3) / 1.3;

/** Kullback-Leibler divergence of two distributions over classes, in nats. */
function divergence(of: readonly number[], from: readonly number[]): number {
  return of.reduce((sum, share, i) => (share > 0 ? sum + share * Math.log(share / (from[i] ?? 0)) : sum), 0);
}

/** Nats a canary request brings, where a canary request comes with `control` others and nobody knows the common level. */
function information(canary: readonly number[], others: readonly number[], control: number): number {
  const mixed = canary.map((share, i) => (share + control * (others[i] ?? 0)) / (1 + control));
  return divergence(canary, mixed) + control * divergence(others, mixed);
}

/** Nats a second that separate a bad canary from the nearest world in which all arms are alike. */
function natsPerSecond({ rps, share, canaryErrors, tailFactor }: Scenario): number {
  const control = (1 - share.canary) / share.canary;
  const ofErrors = information([canaryErrors, 1 - canaryErrors], [healthyErrors, 1 - healthyErrors], control);
  const ofLatency = information([...bucketShares(0, tailFactor)], [...bucketShares(0, 1)], control);
  return rps * share.canary * (ofErrors + ofLatency);
}

/** Fewest seconds that any rule needs on average that fires for every bad canary and for at most `alpha` of the clean ones:
 * ln(1/α) over the information rate. Over-dispersion multiplies it. */
export const limitS = (bad: Scenario, alpha: number): number => Math.log(1 / alpha) / natsPerSecond(bad);

/** The same, times `dispersion`, where the canary may turn bad at any moment. Of the windows as long as the delay that a
 * stream holds, one is given at most α times delay over stream, so the limit solves D = ln(stream / (α D)) / rate. */
export function lateLimitS(bad: Scenario, alpha: number, dispersion: number): number {
  const rate = natsPerSecond(bad) / dispersion;
  const wholeS = durationS(bad);
  let delayS = Math.log(1 / alpha) / rate;
  for (let i = 0; i < 100; i += 1) delayS = Math.log(Math.max(1, wholeS / delayS) / alpha) / rate;
  return delayS;
}

/** Bad requests that each canary request adds once it is bad: failed ones, or ones slower than the healthy p99. */
export const harmPerRequest = ({ canaryErrors, tailFactor }: Scenario): number =>
  tailFactor === 1 ? canaryErrors - healthyErrors : slowerThanP99(tailFactor);
