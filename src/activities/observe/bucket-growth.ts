import type { BucketGrowth } from './histogram-increments';

/** Whether the buckets end at these bounds. */
export const hasBounds = ({ le }: BucketGrowth, others: readonly number[]): boolean =>
  le.length === others.length && le.every((bound, index) => bound === others[index]);

function spread({ le, counts }: BucketGrowth, bounds: readonly number[]): BucketGrowth {
  const at = new Map(le.map((bound, index) => [bound, counts[index] ?? 0]));
  const last = counts[le.length] ?? 0;
  return { le: bounds, counts: [...bounds.map((bound) => at.get(bound) ?? 0), last], isNative: true };
}

/** Both with the bounds of both, where they are native: a bucket that is left out is empty. */
export function alignBuckets(one: BucketGrowth, other: BucketGrowth): readonly [BucketGrowth, BucketGrowth] {
  if (one.isNative !== true || other.isNative !== true) return [one, other];
  const bounds = [...new Set([...one.le, ...other.le])].sort((a, b) => a - b);
  return [spread(one, bounds), spread(other, bounds)];
}

/** The sum of both; a new layout of classic buckets begins anew, because counts of different bounds cannot be added. */
export function addBuckets(before: BucketGrowth | undefined, grown: BucketGrowth): BucketGrowth {
  if (before === undefined) return grown;
  const [one, other] = alignBuckets(before, grown);
  if (!hasBounds(one, other.le)) return grown;
  return { ...other, counts: other.counts.map((count, index) => count + (one.counts[index] ?? 0)) };
}
