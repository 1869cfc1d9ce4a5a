import type { Counts } from '../types';

/** Requests and bad answers of the whole service in one stretch of time that began at `fromMs`. */
export type BurnCell = readonly [fromMs: number, total: number, bad: number];

/** What a burn rate asks for: `slow` bakes twice as long, `halt` goes no further, `reverse` turns back. */
type BurnAction = 'none' | 'slow' | 'halt' | 'reverse';

const minuteMs = 60_000;

/**
 * The multi-window rule of the SRE literature: a rate counts only while both its windows burn, so it neither comes from
 * one short spike nor stays long after the end. Worst first.
 */
const rules = [
  { action: 'reverse', rate: 14.4, longMs: 60 * minuteMs, shortMs: 5 * minuteMs },
  { action: 'halt', rate: 6, longMs: 360 * minuteMs, shortMs: 30 * minuteMs },
  { action: 'slow', rate: 1, longMs: 360 * minuteMs, shortMs: 30 * minuteMs },
] as const;

const longestMs = 360 * minuteMs;

/** Old cells are needed for long windows alone, so they may be coarse. */
const gridMs = (ageMs: number): number => minuteMs * (ageMs <= 6 * minuteMs ? 1 : ageMs <= 65 * minuteMs ? 5 : 30);

/** The cells with more counts, the old ones merged to coarser ones and those older than every window dropped. */
export function pushBurn(cells: readonly BurnCell[], atMs: number, grown: Counts): readonly BurnCell[] {
  const startMs = Math.floor(atMs / minuteMs) * minuteMs;
  const last = cells.at(-1);
  // A clock that went back adds to the newest cell: no cell may lie in the future.
  if (last !== undefined && startMs <= last[0])
    return [...cells.slice(0, -1), [last[0], last[1] + grown.total, last[2] + grown.bad]];
  const kept: BurnCell[] = [];
  for (const cell of cells) {
    // One cell beyond the longest window tells that all of the window was seen.
    if (startMs - cell[0] >= longestMs + 60 * minuteMs) continue;
    const grid = gridMs(startMs - cell[0]);
    const before = kept.at(-1);
    if (before !== undefined && Math.floor(before[0] / grid) === Math.floor(cell[0] / grid))
      kept[kept.length - 1] = [before[0], before[1] + cell[1], before[2] + cell[2]];
    else kept.push(cell);
  }
  return [...kept, [startMs, grown.total, grown.bad]];
}

/**
 * How many times faster than allowed the budget burns in a window: bad answers over those that the promise allows in
 * the whole of it. Time before the first look counts as clean, at the traffic seen since.
 */
export function burnRate(cells: readonly BurnCell[], nowMs: number, windowMs: number, allowedShare: number): number {
  const seen = cells.filter(([fromMs]) => fromMs >= nowMs - windowMs);
  const total = seen.reduce((sum, cell) => sum + cell[1], 0);
  const bad = seen.reduce((sum, cell) => sum + cell[2], 0);
  const first = seen[0];
  if (first === undefined || total === 0) return 0;
  const isWhole = seen.length < cells.length;
  const seenMs = isWhole ? windowMs : Math.min(windowMs, Math.max(minuteMs, nowMs - first[0]));
  return bad / (allowedShare * total * (windowMs / seenMs));
}

export type BurnFinding = { readonly action: BurnAction; readonly rate: number; readonly longMs: number };

/** The worst rule that burns now; `allowedShare` is 1 − SLO. */
export function judgeBurn(cells: readonly BurnCell[], nowMs: number, allowedShare: number): BurnFinding {
  for (const { action, rate, longMs, shortMs } of rules) {
    const long = burnRate(cells, nowMs, longMs, allowedShare);
    if (long >= rate && burnRate(cells, nowMs, shortMs, allowedShare) >= rate) return { action, rate: long, longMs };
  }
  return { action: 'none', rate: burnRate(cells, nowMs, longestMs, allowedShare), longMs: longestMs };
}
