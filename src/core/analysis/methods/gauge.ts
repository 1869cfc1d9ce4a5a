import { kept } from '../rounding';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';

/** Sums of a stretch of readings. */
type Sums = { readonly difference: number; readonly placebo: number; readonly count: number };

export type GaugeState = {
  readonly mixture: Mixture;
  /** ln E that the difference is below twice the margin: the proof of safety. */
  readonly safe: number;
  readonly minute: Sums;
  readonly minuteUntilS: number;
  readonly block: Sums;
  readonly lastBlock: number | null;
  /** Squared half distances of neighbouring blocks, and how many. */
  readonly squares: number;
  readonly blocks: number;
  /** Of baseline minus stable: mean and sum of squared deviations over blocks (Welford 1962). */
  readonly placeboMean: number;
  readonly placeboSquares: number;
};

export type GaugeRule = { readonly margin: number; readonly plannedS: number };

/** Differences beyond the margin that count as alternatives, in margins. */
const steps = [0.7, 1.7, 3.4, 6.8] as const;
const weights = steps.map(() => 1 / steps.length);
const minutesABlock = 4;
const leastBlocks = 3;
const mostGain = 20;
const none: Sums = { difference: 0, placebo: 0, count: 0 };

export const startGauge = (): GaugeState => ({
  mixture: startMixture(steps.length),
  safe: 0,
  minute: none,
  minuteUntilS: 60,
  block: none,
  lastBlock: null,
  squares: 0,
  blocks: 0,
  placeboMean: 0,
  placeboSquares: 0,
});

/** Variance of a minute's mean in the long run: a gauge resembles its own past, so blocks of four minutes tell it. */
function varianceOf({ squares, blocks, placeboSquares }: GaugeState): number {
  const own = squares / (blocks - 1);
  const placebo = placeboSquares / (blocks - 1);
  return minutesABlock * Math.max(own, placebo) * (1 + 2 / blocks) + 1e-8;
}

function closeBlock(state: GaugeState, block: Sums): GaugeState {
  const [difference, placebo] = [block.difference / block.count, block.placebo / block.count];
  const blocks = state.blocks + 1;
  const placeboMean = state.placeboMean + (placebo - state.placeboMean) / blocks;
  const distance = state.lastBlock === null ? 0 : difference - state.lastBlock;
  return {
    ...state,
    block: none,
    lastBlock: kept(difference),
    squares: state.squares + (distance * distance) / 2,
    blocks,
    placeboMean: kept(placeboMean),
    placeboSquares: state.placeboSquares + (placebo - state.placeboMean) * (placebo - placeboMean),
  };
}

function closeMinute(state: GaugeState, rule: GaugeRule, onset: number): GaugeState {
  const { minute } = state;
  const x = minute.difference / minute.count;
  const { margin } = rule;
  const block: Sums = {
    difference: state.block.difference + x,
    placebo: state.block.placebo + minute.placebo / minute.count,
    count: state.block.count + 1,
  };
  const isReady = state.blocks >= leastBlocks;
  const variance = isReady ? varianceOf(state) : 1;
  const bounded = (gain: number): number => Math.max(-mostGain, Math.min(mostGain, gain));
  const gains = steps.map((step) => {
    const delta = step * margin;
    return isReady ? bounded((delta * (x - margin - delta / 2)) / variance) : 0;
  });
  const next: GaugeState = {
    ...state,
    mixture: stepMixture(state.mixture, gains, onset),
    safe: isReady ? kept(state.safe + bounded((2 * margin * (margin - x)) / variance)) : state.safe,
    minute: none,
    block,
  };
  return block.count >= minutesABlock ? closeBlock(next, block) : next;
}

/**
 * One reading of a gauge (a share of a resource) of canary and control, and, where there is a second healthy arm, the
 * difference of the two healthy ones. Minute means of the difference are held against steps above the margin by normal
 * likelihood ratios, with the variance of the long run learnt before.
 */
export function stepGauge(
  before: GaugeState,
  reading: { readonly difference: number; readonly placebo: number } | undefined,
  time: { readonly atS: number; readonly lengthS: number },
  rule: GaugeRule,
): GaugeState {
  const { minute } = before;
  const grown: Sums =
    reading === undefined
      ? minute
      : {
          difference: kept(minute.difference + reading.difference),
          placebo: kept(minute.placebo + reading.placebo),
          count: minute.count + 1,
        };
  if (time.atS < before.minuteUntilS - 1e-6 || grown.count === 0) return { ...before, minute: grown };
  const untilS = 60 * (Math.floor((time.atS + 1e-6) / 60) + 1);
  const fromS = before.minuteUntilS - 60;
  const onset = onsetBy(time.atS, rule.plannedS) - onsetBy(fromS, rule.plannedS);
  return { ...closeMinute({ ...before, minute: grown }, rule, onset), minuteUntilS: untilS };
}

/** ln E that the canary's gauge is above the control's by more than the margin. */
export const gaugeEvidence = (state: GaugeState): number => logEvidence(state.mixture, weights);
