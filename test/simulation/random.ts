import { seededRandom } from '../../src/core/seeded-random';

/** Numbers that are the same for the same seed. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** Whole, from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Between the two, each order of magnitude as likely as the next; whole. */
  spread(least: number, most: number): number;
};

/** The same over a seed that is stirred first, so that neighbours have nothing in common. */
export function createRandom(seed: number): Random {
  const next = seededRandom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(seed + 0x7f4a7c15, 0xc2b2ae35));
  return {
    next,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (share) => next() < share,
    pick<T>(items: readonly T[]): T {
      const found = items[Math.floor(next() * items.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
    spread: (least, most) => Math.round(Math.max(least, 1) * (most / Math.max(least, 1)) ** next()),
  };
}
