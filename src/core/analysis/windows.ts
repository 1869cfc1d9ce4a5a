import type { Counts, Slice, SplitTally, Tally } from './types';

/** Lengths of the sliding windows a guardrail is tested in. */
export const windowsMs = [500, 1_000, 2_000, 5_000, 15_000, 30_000] as const;

const longestMs = 30_000;
/** Fewer requests than this tell too little about how the traffic was split. */
const splitRequests = 100;

export const noCounts: Counts = { total: 0, bad: 0 };
export const noTally: Tally = { baseline: noCounts, canary: noCounts };

export const addCounts = (a: Counts, b: Counts): Counts => ({ total: a.total + b.total, bad: a.bad + b.bad });

export const addTally = (a: Tally, b: Tally): Tally => ({
  baseline: addCounts(a.baseline, b.baseline),
  canary: addCounts(a.canary, b.canary),
});

/** Old slices are needed for long windows alone, so they may be coarse. */
const gridMs = (ageMs: number): number => (ageMs <= 1_000 ? 100 : ageMs <= 5_000 ? 500 : 2_500);

/** The slices with one more, the old ones merged to coarser ones and those older than every window dropped. */
export function pushSlice(slices: readonly Slice[], newest: Slice): readonly Slice[] {
  const nowMs = newest[0];
  const kept: Slice[] = [];
  const keep = (slice: Slice): void => {
    // A clock that went back (another host took over) must not leave slices in the future, which would never age.
    const atMs = Math.min(slice[0], nowMs);
    const grid = gridMs(nowMs - atMs);
    const before = kept.at(-1);
    if (before !== undefined && Math.floor(before[0] / grid) === Math.floor(atMs / grid)) {
      kept[kept.length - 1] = [
        atMs,
        before[1] + slice[1],
        before[2] + slice[2],
        before[3] + slice[3],
        before[4] + slice[4],
      ];
    } else if (nowMs - atMs < longestMs) kept.push(atMs === slice[0] ? slice : [atMs, ...tail(slice)]);
  };
  for (const slice of slices) keep(slice);
  if (newest[1] + newest[2] + newest[3] + newest[4] > 0) keep(newest);
  return kept;
}

const tail = (slice: Slice): [number, number, number, number] => [slice[1], slice[2], slice[3], slice[4]];

const expectedOf = (baselineTotal: number, canaryTotal: number, bad: number): number =>
  bad === 0 ? 0 : (bad * canaryTotal) / Math.max(1, baselineTotal + canaryTotal);

/** The bad answers the canary would have of a tally if both arms failed alike. */
export const expectedCanaryBad = ({ baseline, canary }: Tally): number =>
  expectedOf(baseline.total, canary.total, baseline.bad + canary.bad);

export const tellsSplit = ({ baseline, canary }: Tally): boolean => baseline.total + canary.total >= splitRequests;

/** Sums of the newest slices for every window, shortest window first. */
export function sumWindows(slices: readonly Slice[], nowMs: number): readonly SplitTally[] {
  let [bt, bb, ct, cb] = [0, 0, 0, 0];
  let [openBaseline, openCanary, openBad, expected] = [0, 0, 0, 0];
  let next = slices.length - 1;
  return windowsMs.map((lengthMs) => {
    for (; next >= 0; next -= 1) {
      const slice = slices[next];
      if (slice === undefined || slice[0] <= nowMs - lengthMs) break;
      bt += slice[1];
      bb += slice[2];
      ct += slice[3];
      cb += slice[4];
      openBaseline += slice[1];
      openCanary += slice[3];
      openBad += slice[2] + slice[4];
      if (openBaseline + openCanary >= splitRequests) {
        expected += expectedOf(openBaseline, openCanary, openBad);
        [openBaseline, openCanary, openBad] = [0, 0, 0];
      }
    }
    return {
      baseline: { total: bt, bad: bb },
      canary: { total: ct, bad: cb },
      expectedCanaryBad: expected + expectedOf(openBaseline, openCanary, openBad),
    };
  });
}
