import { kept } from '../rounding';
import { compare, nats, sum, sumAbove, type LatencyTick } from './bucket-odds';
import { dispersionFactor, startDispersion, stepDispersion, type Dispersion } from './dispersion';
import { chooseBounds, learntShares, nextShape, shapeToday } from './healthy-shape';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';
import { naturalFactor, stepLoad, type Load, type Natural } from './natural';
import { slowings, slowingWeights, tiltsOf, type Margins } from './slowings';
import { startWarmUp, warmUpOf, type WarmUp } from './warm-up';

/** How a latency histogram is judged. */
export type LatencyRule = Natural & {
  /** Upper bounds of the buckets in seconds, one fewer than buckets. */
  readonly bounds: readonly number[];
  /** Factor in time up to which slower answers are tolerated. */
  readonly margins: Margins;
  readonly priorDispersion: number;
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
  /** What the evidence for each alternative owes to passing differences between cohorts. */
  readonly loads: readonly Load[];
  /** Indices of the bounds at which dispersion is learnt: the body and the tail. */
  readonly bounds: readonly number[];
  readonly blocks: readonly Dispersion[];
  readonly warmUp: WarmUp;
};

const halveEveryS = 900;
/** How much of a shape has to be of warm instances to tell how much slower fresh ones are. */
const mostlyWarm = 0.75;
const mostGain = 500;

export const startLatency = (): LatencyState => ({
  mixture: startMixture(slowings.length),
  healthy: [],
  healthyS: 0,
  shape: [],
  rate: 0,
  loads: slowings.map(() => 0),
  bounds: [],
  blocks: learntShares.map(startDispersion),
  warmUp: startWarmUp(),
});

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
  const canary = sum(tick.canary);
  const usual = shapeToday(before.shape, tick);
  const shape = tiltsOf(usual, rule.bounds, rule.margins)?.shape;
  const bounds = chooseBounds(before.bounds, shape, sum(usual));
  const body = bounds[0];
  const isShapeWarm = before.shape.length > 0 || sum(tick.warm) >= mostlyWarm * sum(usual);
  const [warmUp, warmth] = warmUpOf(before.warmUp, tick, isShapeWarm ? shape : undefined, body, lengthS);
  // A cold canary is slower than cold instances, not than warm ones, so the alternatives start from their shape.
  const asCold = warmth === undefined ? usual : usual.map((count, b) => count * Math.exp(warmth.tilt[b] ?? 0));
  const tilts = tiltsOf(asCold, rule.bounds, rule.margins);
  const comparison = compare(tick, canary, warmth?.tilt);
  const natural = { ...rule, naturalSd: Math.sqrt(rule.naturalSd ** 2 + (warmth?.sd ?? 0) ** 2) };
  const control = comparison.total;
  const isComparable = canary > 0 && control > 0;
  const share = isComparable ? canary / (canary + control) : 0;
  const fade = Math.min(1, lengthS / Math.max(lengthS, Math.min(atS, rule.naturalS)));
  const information = (canary + control) * share * (1 - share);
  const rate = isComparable ? kept(before.rate + fade * (information / lengthS - before.rate)) : before.rate;
  const learnt = before.blocks.map((blocks) => dispersionFactor([blocks], rule.priorDispersion));
  const misfit = ((warmth?.misfit ?? 0) / natural.naturalSd) ** 2;
  const informations = slowings.map((_, j) => {
    const tilted = tilts?.tilted[j];
    return tilted === undefined ? 0 : rate * (tilted.natural + misfit * tilted.mass);
  });
  const divisors = slowings.map(({ fromShare }, j) =>
    Math.max(
      learnt[fromShare >= 0.1 ? 0 : 1] ?? 1,
      naturalFactor(before.loads[j] ?? 0, rule.priorDispersion, informations[j] ?? 0, lengthS, natural),
    ),
  );
  const gains = slowings.map((_, j) => {
    const tilted = tilts?.tilted[j];
    if (!isComparable || tilted === undefined) return 0;
    const divisor = divisors[j] ?? 1;
    const gain = nats(tilted, tick.canary, comparison) / divisor;
    return Math.max(-mostGain, Math.min(mostGain, gain));
  });
  const onset = onsetBy(atS, rule.plannedS) - onsetBy(atS - lengthS, rule.plannedS);
  const isOld = atS - before.healthyS >= halveEveryS;
  const isWarmEnough = tick.isCold && sum(tick.warm) > 0;
  const healthy = tick.canary.map(
    (_, b) =>
      Math.floor((before.healthy[b] ?? 0) / (isOld ? 2 : 1)) +
      (isWarmEnough ? 0 : (tick.fresh[b] ?? 0)) +
      (tick.warm[b] ?? 0),
  );
  return {
    mixture: stepMixture(before.mixture, gains, onset),
    healthy,
    healthyS: isOld ? atS : before.healthyS,
    shape: nextShape(before.shape, healthy),
    rate,
    loads: before.loads.map((load, j) =>
      kept(stepLoad(load, divisors[j] ?? 1, informations[j] ?? 0, lengthS, natural)),
    ),
    bounds,
    blocks: before.blocks.map((blocks, i) => {
      const bound = bounds[i];
      if (!isComparable || bound === undefined) return blocks;
      // The tail is counted among the slow answers, so that a factor on all answers is not taken for its variation.
      const among = i === 0 ? -1 : (body ?? -1);
      const pair = {
        canaryBad: sumAbove(tick.canary, bound),
        controlBad: sumAbove(comparison.control, bound),
        canary: sumAbove(tick.canary, among),
        control: sumAbove(comparison.control, among),
      };
      return stepDispersion(blocks, pair, atS);
    }),
    warmUp,
  };
}

/** ln E that the canary answers more slowly than the control by more than the margin. */
export const latencyEvidence = ({ mixture }: LatencyState): number => logEvidence(mixture, slowingWeights);
