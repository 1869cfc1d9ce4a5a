/** All requests that were counted up to a moment, in milliseconds. */
export type CountAt = { readonly atMs: number; readonly requests: number };

const windowMs = 5_000;
/** What comes in bursts looks like anything over a shorter time. */
const leastMs = 1_000;

/** The counts with one more, those of the last seconds only; a count that fell begins anew. */
export function addCount(counts: readonly CountAt[], next: CountAt): readonly CountAt[] {
  const last = counts.at(-1);
  if (last !== undefined && next.requests < last.requests) return [next];
  return [...counts.filter(({ atMs }) => next.atMs - atMs <= windowMs), next];
}

/** Requests a second over the last seconds; undefined before a whole second was counted. */
export function requestRate(counts: readonly CountAt[]): number | undefined {
  const [first, last] = [counts[0], counts.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < leastMs) return undefined;
  return ((last.requests - first.requests) * 1_000) / (last.atMs - first.atMs);
}
