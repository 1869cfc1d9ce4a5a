import { allowedShare } from './guard';
import { defaultRisk } from './risk';
import type { Limit } from '../descriptor/limit';

/** Traffic of the whole service, as the last hours had it. */
export type Traffic = {
  readonly requestsPerSecond: number;
  /** Share of bad events of the healthy service, 0 to 1. */
  readonly badShare: number;
  /** How much more the counts vary than independent events would; 1 for those. */
  readonly dispersion: number;
};

/** Shares are of the whole traffic, 0 to 1; the control is all that the canary is compared with. */
export type Exposure = { readonly canaryShare: number; readonly controlShare: number };

/** Chance of a false alarm over the whole release, and of finding what can be found. */
export type ErrorRates = { readonly alpha: number; readonly power: number };

const defaultErrorRates: ErrorRates = { alpha: 0.01, power: 0.8 };

/** What the engine aims at, and not a measured figure: a median delay of at most this many times the limit of any rule. */
export const engineToLimit = 1.5;

const term = (p: number, q: number): number => (p === 0 ? 0 : p * Math.log(p / q));

/** Divergence of two chances in nats: how surely one event tells them apart, on average. */
const binaryDivergence = (p: number, q: number): number => term(p, q) + term(1 - p, 1 - q);

/**
 * Nats that one canary request and the control requests beside it give, on average, for a canary that fails with
 * `canary` beside a control that fails with `control`: the least favourable common share is their mean.
 */
function informationOf(canary: number, control: number, ratio: number): number {
  const common = (canary + ratio * control) / (1 + ratio);
  return binaryDivergence(canary, common) + ratio * binaryDivergence(control, common);
}

const natsPerSecond = (share: number, { requestsPerSecond, badShare, dispersion }: Traffic, at: Exposure): number =>
  at.canaryShare === 0 || at.controlShare === 0
    ? 0
    : (requestsPerSecond * at.canaryShare * informationOf(share, badShare, at.controlShare / at.canaryShare)) /
      dispersion;

/**
 * The smallest share of bad events of the canary, 0 to 1, that any rule with these error rates can find in a time:
 * its evidence is bounded by kl(power, alpha) nats. Undefined where even a canary that fails always could not be found.
 */
export function smallestFindable(
  traffic: Traffic,
  at: Exposure,
  seconds: number,
  { alpha, power }: ErrorRates = defaultErrorRates,
): number | undefined {
  const needed = binaryDivergence(power, alpha);
  const isFound = (share: number): boolean => seconds * natsPerSecond(share, traffic, at) >= needed;
  if (!isFound(1)) return undefined;
  let [below, above] = [traffic.badShare, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (below + above) / 2;
    if (isFound(middle)) above = middle;
    else below = middle;
  }
  return above;
}

/** Least mean seconds that any rule needs that always finds such a canary: ln(1 / alpha) nats. */
export const leastSeconds = (share: number, traffic: Traffic, at: Exposure, { alpha } = defaultErrorRates): number =>
  share <= traffic.badShare ? Infinity : Math.log(1 / alpha) / natsPerSecond(share, traffic, at);

/** Four ways of being within the limit are bet on at once. */
const betsOnSafety = 4;

/** Mean seconds in which a canary that is as good as the service proves that it keeps a limit. */
const proofSeconds = (limit: number, traffic: Traffic, at: Exposure, beta: number): number => {
  const nats =
    traffic.requestsPerSecond * at.canaryShare * binaryDivergence(traffic.badShare, Math.min(1 - 1e-9, limit));
  return limit <= traffic.badShare ? Infinity : (Math.log(betsOnSafety / beta) * traffic.dispersion) / nats;
};

export type StageForecast = {
  /** Undefined: even a canary that fails always would not be found. */
  readonly smallestShare?: number;
  /** The share from which on the guardrail promises to stop the release. */
  readonly promisedShare: number;
  /** How long it takes to find what is promised where the engine reaches its aim. */
  readonly likelySeconds: number;
  /** Where the stage asks for a proof: how long a healthy canary needs for it, on average. */
  readonly proofSeconds?: number;
  /** `extends`: only in the time that missing evidence may hold the stage; `too-little`: not even then. */
  readonly outcome: 'in-time' | 'extends' | 'too-little';
  /** Requests a second to add, over the whole service, for the promise to be kept in time; 0 when it is. */
  readonly syntheticPerSecond: number;
};

/** What a stage can find with a limit: its bake, the hold it may be extended by, and its traffic in; a verdict on the promise out. */
export function forecastStage(
  traffic: Traffic,
  stage: Exposure & {
    readonly bakeSeconds: number;
    readonly holdSeconds: number;
    readonly needsProof?: boolean | undefined;
  },
  limit: Limit,
  beta: number = defaultRisk.beta,
): StageForecast {
  const smallestShare = smallestFindable(traffic, stage, stage.bakeSeconds);
  const promisedShare = allowedShare(limit, traffic.badShare);
  const likelySeconds = engineToLimit * leastSeconds(promisedShare, traffic, stage);
  const longest = stage.bakeSeconds + stage.holdSeconds;
  const outcome = likelySeconds <= stage.bakeSeconds ? 'in-time' : likelySeconds <= longest ? 'extends' : 'too-little';
  const factor = outcome === 'too-little' && Number.isFinite(likelySeconds) ? likelySeconds / longest - 1 : 0;
  return {
    ...(smallestShare === undefined ? {} : { smallestShare }),
    promisedShare,
    likelySeconds,
    ...(stage.needsProof === true ? { proofSeconds: proofSeconds(promisedShare, traffic, stage, beta) } : {}),
    outcome,
    syntheticPerSecond: traffic.requestsPerSecond * factor,
  };
}
