import type { Counts } from './types';
import type { Traffic } from './forecast';

/** What counts of errors vary by at least where nothing was measured: clients try again. */
const priorDispersion = 1.4;
const priorWeight = 2;
const mostOfOnePair = 16;

/**
 * How much more the bad counts of neighbouring blocks differ than chance alone explains, at least 1: given both bad
 * counts, the second is binomial by its share of the requests, so a slow change of traffic or rate cancels.
 */
export function dispersionOf(blocks: readonly Counts[]): number {
  let [sum, count] = [priorWeight * priorDispersion, priorWeight];
  for (let index = 1; index < blocks.length; index += 1) {
    const [before, now] = [blocks[index - 1], blocks[index]];
    if (before === undefined || now === undefined) continue;
    const bad = before.bad + now.bad;
    const share = now.total / (before.total + now.total);
    const variance = bad * share * (1 - share);
    // Fewer bad events than this say nothing of how they vary.
    if (!(variance >= 0.5)) continue;
    sum += Math.min(mostOfOnePair, (now.bad - share * bad) ** 2 / variance);
    count += 1;
  }
  return Math.max(1, sum / count);
}

/** The traffic that blocks of equal length show; undefined where they show no request. */
export function trafficOf(blocks: readonly Counts[], blockSeconds: number): Traffic | undefined {
  const total = blocks.reduce((sum, block) => sum + block.total, 0);
  const bad = blocks.reduce((sum, block) => sum + Math.min(block.bad, block.total), 0);
  if (!(total > 0)) return undefined;
  return {
    requestsPerSecond: total / (blocks.length * blockSeconds),
    badShare: bad / total,
    dispersion: dispersionOf(blocks),
  };
}
