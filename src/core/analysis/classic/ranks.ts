/** Ranks of `first` among both samples, ties at their mean. */
export type RankSum = {
  /** Sum of the ranks of `first` less the least it can be: pairs in which `first` is above `second`, ties half. */
  readonly u: number;
  /** Variance of `u` if both samples come from one distribution; 0 when all values are tied. */
  readonly variance: number;
  readonly isTied: boolean;
};

/** The Mann–Whitney U of `first` moved down by `shift` against `second`, with the variance that allows for ties. */
export function rankSum(first: readonly number[], second: readonly number[], shift = 0): RankSum {
  const all = [
    ...first.map((value) => ({ value: value - shift, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ].sort((a, b) => a.value - b.value);
  const [m, n] = [first.length, second.length];
  let [sum, tied] = [0, 0];
  for (let start = 0; start < all.length;) {
    let end = start;
    let mine = 0;
    for (; end < all.length && all[end]?.value === all[start]?.value; end += 1)
      if (all[end]?.isFirst === true) mine += 1;
    const size = end - start;
    sum += mine * ((start + 1 + end) / 2);
    tied += size ** 3 - size;
    start = end;
  }
  const both = m + n;
  const variance = ((m * n) / 12) * (both + 1 - tied / (both * (both - 1)));
  return { u: sum - (m * (m + 1)) / 2, variance: both < 2 ? 0 : Math.max(0, variance), isTied: tied > 0 };
}
