import { kept } from '../rounding';

/** What one arm's part of the events was in one stretch: events of both arms and the exposure (requests) of both. */
export type Pair = {
  readonly canaryBad: number;
  readonly controlBad: number;
  readonly canary: number;
  readonly control: number;
};

type Sums = readonly [canaryBad: number, controlBad: number, canary: number, control: number];

/** Blocks of one length: the last whole one, the one that grows, and how far neighbours were apart so far. */
type Blocks = {
  readonly untilS: number;
  readonly last: Sums | null;
  readonly open: Sums;
  readonly squares: number;
  readonly count: number;
};

/** How much more the canary's part of the events varies than coin tosses would, learnt from blocks of one and four minutes. */
export type Dispersion = readonly Blocks[];

const lengthsS = [60, 240] as const;
/** A step in the ratio touches one pair of blocks; the cap keeps it from hiding itself. */
const mostSquare = 16;
const leastVariance = 0.5;
const priorWeight = 5;
const nothing: Sums = [0, 0, 0, 0];

export const startDispersion = (): Dispersion =>
  lengthsS.map((lengthS) => ({ untilS: lengthS, last: null, open: nothing, squares: 0, count: 0 }));

const add = (sums: Sums, pair: Pair): Sums => [
  sums[0] + pair.canaryBad,
  sums[1] + pair.controlBad,
  sums[2] + pair.canary,
  sums[3] + pair.control,
];

/** The squared standardised distance of two neighbouring blocks, given their totals; undefined where there is too little. */
function squareOf(a: Sums, b: Sums): number | undefined {
  const [k1, k2] = [a[0] + a[1], b[0] + b[1]];
  const ratio = (((a[0] + b[0] + 0.5) / (a[1] + b[1] + 0.5)) * (a[3] + b[3])) / Math.max(1e-9, a[2] + b[2]);
  const share = (b[2] * ratio) / Math.max(1e-9, b[2] * ratio + b[3]);
  const variance = ((k1 * k2) / Math.max(1, k1 + k2)) * share * (1 - share);
  if (!(variance >= leastVariance)) return undefined;
  const distance = b[0] - share * k2;
  return Math.min(mostSquare, (distance * distance) / variance);
}

function stepBlocks(blocks: Blocks, lengthS: number, pair: Pair, atS: number): Blocks {
  const open = add(blocks.open, pair);
  // Ticks need not divide the block: it ends with the first tick that reaches its end.
  if (atS < blocks.untilS - 1e-6) return { ...blocks, open };
  const square = blocks.last === null ? undefined : squareOf(blocks.last, open);
  return {
    untilS: kept(blocks.untilS + lengthS * Math.max(1, Math.ceil((atS - blocks.untilS + 1e-6) / lengthS))),
    last: open,
    open: nothing,
    squares: kept(blocks.squares + (square ?? 0)),
    count: blocks.count + (square === undefined ? 0 : 1),
  };
}

export const stepDispersion = (before: Dispersion, pair: Pair, atS: number): Dispersion =>
  before.map((blocks, i) => stepBlocks(blocks, lengthsS[i] ?? 60, pair, atS));

/** The factor that log-likelihood ratios are divided by; ≥ 1. Several learners (canary and placebo) add up. */
export function dispersionFactor(learners: readonly Dispersion[], prior: number): number {
  let factor = Math.max(1, prior);
  for (let i = 0; i < lengthsS.length; i += 1) {
    let [squares, count] = [prior * priorWeight, priorWeight];
    for (const learner of learners) {
      squares += learner[i]?.squares ?? 0;
      count += learner[i]?.count ?? 0;
    }
    factor = Math.max(factor, squares / count);
  }
  return factor;
}
