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

const finestMs = 100;
const foldEveryMs = 500;

/** Old slices are needed for long windows alone, so they may be coarse. */
const gridMs = (ageMs: number): number => (ageMs <= 1_000 ? finestMs : ageMs <= 5_000 ? 500 : 2_500);

const isSameCell = (a: Slice, b: Slice, grid: number): boolean => Math.floor(a[0] / grid) === Math.floor(b[0] / grid);

const merge = (a: Slice, b: Slice): Slice => [b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]];

/** The slices with one more, the old ones merged to coarser ones and those older than every window dropped. */
export function pushSlice(slices: readonly Slice[], newest: Slice): readonly Slice[] {
  const last = slices.at(-1);
  if (newest[1] + newest[2] + newest[3] + newest[4] === 0) return slices;
  if (last === undefined) return [newest];
  if (newest[0] >= last[0] && isSameCell(last, newest, foldEveryMs)) {
    if (isSameCell(last, newest, finestMs)) return [...slices.slice(0, -1), merge(last, newest)];
    return [...slices, newest];
  }
  return [...fold(slices, newest[0]), newest];
}

function fold(slices: readonly Slice[], nowMs: number): readonly Slice[] {
  const kept: Slice[] = [];
  let before: Slice | undefined;
  for (const slice of slices) {
    if (nowMs - slice[0] >= longestMs) continue;
    // A clock that went back (another host took over) must not leave slices in the future, which would never age.
    const current: Slice = slice[0] <= nowMs ? slice : [nowMs, slice[1], slice[2], slice[3], slice[4]];
    if (before !== undefined && isSameCell(before, current, gridMs(nowMs - current[0]))) {
      before = merge(before, current);
      kept[kept.length - 1] = before;
    } else {
      before = current;
      kept.push(current);
    }
  }
  return kept;
}

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
