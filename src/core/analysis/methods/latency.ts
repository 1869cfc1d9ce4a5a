import { kept } from '../rounding';
import { compare, nats, sum, type LatencyTick } from './bucket-odds';
import { dispersionFactor, startDispersion, stepDispersion, type Dispersion } from './dispersion';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';
import { slowings, slowingWeights, tiltsOf, type Margins } from './slowings';
import type { Shape } from './tilt';
import { startWarmUp, stepWarmUp, warmUpTilt, type WarmUp } from './warm-up';

/** How a latency histogram is judged. */
export type LatencyRule = {
  /** Upper bounds of the buckets in seconds, one fewer than buckets. */
  readonly bounds: readonly number[];
  /** Factor in time up to which slower answers are tolerated. */
  readonly margins: Margins;
  readonly priorDispersion: number;
  /** Natural variation of a cohort's speed: standard deviation of its logarithm, and for how many seconds it lasts. */
  readonly naturalSd: number;
  readonly naturalS: number;
  readonly plannedS: number;
};

export type LatencyState = {
  readonly mixture: Mixture;
  /** Histogram of the healthy arms so far, halved every quarter of an hour, and since when. */
  readonly healthy: readonly number[];
  readonly healthyS: number;
  /** The healthy histogram that the alternatives were last made from. */
  readonly shape: readonly number[];
  /** Requests × share × (1 − share) a second, smoothed. */
  readonly rate: number;
  /** Indices of the bounds at which dispersion is learnt: the body and the tail. */
  readonly bounds: readonly number[];
  readonly blocks: readonly Dispersion[];
  readonly warmUp: WarmUp;
};

/** Shares slower than the bound, near which dispersion is learnt. */
const learntShares = [0.25, 0.03] as const;
const leastShape = 50;
const halveEveryS = 900;
const mostGain = 500;
const leastRough = 1.2;
/** Evidence against warm instances counts less while the canary is cold: how much slower fresh ones are is known roughly. */
const roughDispersion = 1.35;

export const startLatency = (): LatencyState => ({
  mixture: startMixture(slowings.length),
  healthy: [],
  healthyS: 0,
  shape: [],
  rate: 0,
  bounds: [],
  blocks: learntShares.map(startDispersion),
  warmUp: startWarmUp(),
});

const sumAbove = (histogram: readonly number[], bound: number): number => sum(histogram.slice(bound + 1));

/** The alternatives are made anew when a fifth more is known, or much has been forgotten; always from earlier ticks. */
function nextShape(shape: readonly number[], healthy: readonly number[]): readonly number[] {
  const [known, now] = [sum(shape), sum(healthy)];
  return now >= leastShape && (now > 1.2 * known || now < 0.8 * known) ? healthy : shape;
}

/** The bounds at which dispersion is learnt, once enough is known of the healthy arms; kept from then on. */
function chooseBounds(before: readonly number[], shape: Shape | undefined, total: number): readonly number[] {
  if (before.length > 0 || shape === undefined || total < 4 * leastShape) return before;
  return learntShares.map((wanted) => {
    const distance = shape.slower.map((share) => Math.abs(Math.log(share / wanted)));
    return distance.indexOf(Math.min(...distance));
  });
}

/**
 * One tick of the bucket process. Given all requests of a bucket, the canary's part is binomial with its share of the
 * traffic where nobody is slower; each alternative stretches the healthy histogram of earlier ticks and says how the odds of
 * each bucket would change. All buckets count, none is interpolated, and the mixture covers shifts of the body and the tail.
 */
export function stepLatency(
  before: LatencyState,
  tick: LatencyTick,
  time: { readonly atS: number; readonly lengthS: number },
  rule: LatencyRule,
): LatencyState {
  const { atS, lengthS } = time;
  const [canary, known] = [sum(tick.canary), sum(before.healthy)];
  const tilts = before.shape.length === 0 ? undefined : tiltsOf(before.shape, rule.bounds, rule.margins);
  const body = before.bounds[0];
  const warmUp =
    tilts === undefined || body === undefined || !tick.isCold
      ? undefined
      : warmUpTilt(before.warmUp, tilts.shape, body);
  const comparison = compare(tick, canary, warmUp);
  // What is only a little slower is held against instances as fresh as the canary, for the factor is known roughly.
  const strict = warmUp === undefined ? comparison : compare(tick, canary, undefined);
  const control = comparison.total;
  const isComparable = canary > 0 && control > 0;
  const share = isComparable ? canary / (canary + control) : 0;
  const fade = Math.min(1, lengthS / Math.max(lengthS, Math.min(atS, rule.naturalS)));
  const information = (canary + control) * share * (1 - share);
  const rate = isComparable ? kept(before.rate + fade * (information / lengthS - before.rate)) : before.rate;
  const natural = rule.naturalSd * rule.naturalSd * rule.naturalS * rate;
  const learnt = before.blocks.map((blocks) => dispersionFactor([blocks], rule.priorDispersion));
  const gains = slowings.map(({ fromShare, factor }, j) => {
    const tilted = tilts?.tilted[j];
    if (!isComparable || tilted === undefined) return 0;
    const learntFactor = learnt[fromShare >= 0.1 ? 0 : 1] ?? 1;
    const divisor = Math.max(learntFactor, rule.priorDispersion + natural * tilted.natural);
    const held = factor < leastRough ? strict : comparison;
    const gain = nats(tilted, tick.canary, held) / (divisor * (held === strict ? 1 : roughDispersion));
    return Math.max(-mostGain, Math.min(mostGain, gain));
  });
  const onset = onsetBy(atS, rule.plannedS) - onsetBy(atS - lengthS, rule.plannedS);
  const isOld = atS - before.healthyS >= halveEveryS;
  const healthy = tick.canary.map(
    (_, b) => Math.floor((before.healthy[b] ?? 0) / (isOld ? 2 : 1)) + (tick.fresh[b] ?? 0) + (tick.warm[b] ?? 0),
  );
  return {
    mixture: stepMixture(before.mixture, gains, onset),
    healthy,
    healthyS: isOld ? atS : before.healthyS,
    shape: nextShape(before.shape, healthy),
    rate,
    bounds: chooseBounds(before.bounds, tilts?.shape, known),
    blocks: before.blocks.map((blocks, i) => {
      const bound = before.bounds[i];
      if (!isComparable || bound === undefined) return blocks;
      // The tail is counted among the slow answers, so that a factor on all answers is not taken for its variation.
      const among = i === 0 ? -1 : (before.bounds[0] ?? -1);
      const pair = {
        canaryBad: sumAbove(tick.canary, bound),
        controlBad: sumAbove(comparison.control, bound),
        canary: sumAbove(tick.canary, among),
        control: sumAbove(comparison.control, among),
      };
      return stepDispersion(blocks, pair, atS);
    }),
    warmUp:
      body === undefined || !tick.isCold
        ? before.warmUp
        : stepWarmUp(
            before.warmUp,
            [sum(tick.fresh), sumAbove(tick.fresh, body), sum(tick.warm), sumAbove(tick.warm, body)],
            lengthS,
          ),
  };
}

/** ln E that the canary answers more slowly than the control by more than the margin. */
export const latencyEvidence = ({ mixture }: LatencyState): number => logEvidence(mixture, slowingWeights);
