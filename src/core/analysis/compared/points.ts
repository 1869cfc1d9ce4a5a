/** Values of both versions at one moment. */
export type ValuePair = { readonly baseline: number; readonly canary: number };

/** Readings of both versions, one of each `every`; newest last. */
export type Points = {
  readonly every: number;
  readonly seen: number;
  readonly pairs: readonly (readonly [number, number])[];
};

/** More would not fit into a heartbeat beside everything else. */
const mostPairs = 240;

/** Mann and Whitney's test cannot be sure of anything with less. */
export const leastPoints = 10;

export const noPoints: Points = { every: 1, seen: 0, pairs: [] };

/** The readings with one more; where there are too many, every second one is let go, from the whole stage alike. */
export function addPoint({ every, seen, pairs }: Points, { baseline, canary }: ValuePair): Points {
  if (seen % every !== 0) return { every, seen: seen + 1, pairs };
  const short = (value: number): number => Number(value.toPrecision(9));
  const all = [...pairs, [short(baseline), short(canary)] as const];
  if (all.length <= mostPairs) return { every, seen: seen + 1, pairs: all };
  return { every: 2 * every, seen: seen + 1, pairs: all.filter((_, index) => index % 2 === 0) };
}
