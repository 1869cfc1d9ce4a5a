import { binomialUpperTail } from './binomial';

/**
 * The largest chance that still explains so few successes with probability `1 - confidence`: the exact one-sided upper
 * bound of Clopper and Pearson (1934).
 */
export function upperBoundOfShare(successes: number, trials: number, confidence: number): number {
  if (trials === 0 || successes >= trials) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const chance = (low + high) / 2;
    const isExplained = 1 - binomialUpperTail({ successes: successes + 1, trials, chance }) > 1 - confidence;
    if (isExplained) low = chance;
    else high = chance;
  }
  return high;
}
