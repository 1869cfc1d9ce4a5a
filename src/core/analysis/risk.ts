/** What a release may be wrong about, over all guardrails, stages and looks. */
export type RiskRule = {
  /** Chance of ever rolling back a canary that keeps all its limits; 0 to 1. */
  readonly alpha: number;
  /** Chance of a stage being left by a canary that breaks the limit of one metric; 0 to 1. */
  readonly beta: number;
};

export const defaultRisk: RiskRule = { alpha: 0.01, beta: 0.05 };

/** What of alpha the guard may spend that looks many times a second; the engine has the rest. */
const guardShare = 0.2;

/** What the engine may spend that weighs the evidence of the whole release. */
export const engineAlpha = ({ alpha }: RiskRule): number => (1 - guardShare) * alpha;

/** Chance of a false alarm about the split of the traffic, over the whole release. */
export const alphaSplit = 0.001;

/** Each bad answer is seen by seven windows, as the newest of some and as the oldest of others. */
const testsOfAnswer = 14;
const firstRound = 64;

/**
 * The level of one test of the guard after `answers` bad answers of the canary, so that all its tests have their share of alpha
 * together (union bound): half is for the first 64 bad answers, a sixth for the next 128, a twelfth for 256 more …
 * (the sum of 1 / (n (n + 1)) is 1). A guard that may spend for ever must spend less and less.
 */
export function guardLevel(answers: number, { alpha }: RiskRule, guardrails: number): number {
  const round = Math.floor(Math.log2(Math.max(0, answers) / firstRound + 1)) + 1;
  const size = firstRound * 2 ** (round - 1);
  return (guardShare * alpha) / (testsOfAnswer * Math.max(1, guardrails) * size * round * (round + 1));
}
