import { kept } from '../rounding';
import { sum, sumAbove, type LatencyTick } from './bucket-odds';
import { logitAt, tiltOf, type Shape } from './tilt';

/** Requests of fresh and of warm healthy instances, and how many were slower than a bound; old ones fade. */
export type WarmUp = readonly [fresh: number, freshSlow: number, warm: number, warmSlow: number];

export const startWarmUp = (): WarmUp => [0, 0, 0, 0];

/** Instances warm up in minutes: what they did before that counts less and less, more slowly where there is little of it. */
const fadesInS = { few: 120, many: 45 };
const manyFresh = 90;
const leastFresh = 60;
/** A factor read off buckets errs by a part of itself, the more the coarser they are. */
const coarse = 0.12;
/** The same of single buckets beside what all have in common. */
const uneven = 0.05;
const mostSlower = 0.7;

/** How fresh instances differ from warm ones. */
export type Warmth = {
  /** ln of how much more often fresh instances hit each bucket. */
  readonly tilt: readonly number[];
  /** Standard deviation of the logarithm of the factor that it was made from. */
  readonly sd: number;
  /** The same of the odds of some buckets alone, for warming up is not quite one factor, and a shape is as coarse as its buckets. */
  readonly misfit: number;
};

function stepWarmUp(before: WarmUp, tick: WarmUp, lengthS: number): WarmUp {
  const stay = Math.exp(-lengthS / (before[0] < manyFresh ? fadesInS.few : fadesInS.many));
  return [
    kept(before[0] * stay + tick[0]),
    kept(before[1] * stay + tick[1]),
    kept(before[2] * stay + tick[2]),
    kept(before[3] * stay + tick[3]),
  ];
}

const logitOf = (slow: number, all: number): number => Math.log((slow + 0.5) / (all - slow + 0.5));

/** ln of the odds beyond which warm instances are so unlike their own past that a shape made from it says nothing of them. */
const mostUnlike = 0.8;

/** Whether warm instances of this tick are as the shape says; the window answers where the tick has too few. */
function isUsualWeather(state: WarmUp, tick: WarmUp, shape: Shape, bound: number): boolean {
  const [, , warm, slow] = tick[2] < leastFresh ? state : tick;
  return Math.abs(logitOf(slow, warm) - (shape.logits[bound] ?? 0)) < mostUnlike;
}

/** The logarithm of the factor on all answers that lifts the logit of the share slower than a bound by `rise`; from 0 to `most`. */
function stretchOf(shape: Shape, bound: number, rise: number, most: number): number {
  const [x, wanted] = [shape.logBounds[bound] ?? 0, (shape.logits[bound] ?? 0) + rise];
  let [low, high] = [0, most];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (logitAt(shape, x - middle) < wanted) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * How the odds of each bucket differ between fresh and warm healthy instances: fresh ones take a common factor longer, which
 * is read off the share slower than one bound of the body. Undefined while too few are seen.
 */
function warmthOf(state: WarmUp, shape: Shape, bound: number): Warmth | undefined {
  const [fresh, freshSlow, warm, warmSlow] = state;
  if (fresh < leastFresh || warm < leastFresh || bound < 1) return undefined;
  const rise = logitOf(freshSlow, fresh) - logitOf(warmSlow, warm);
  const stretch = stretchOf(shape, bound, rise, mostSlower);
  const share = (freshSlow + 0.5) / (fresh + 1);
  const perUnit = rise > 0.1 && stretch > 0.01 ? rise / stretch : 4;
  const sd = 1 / (perUnit * Math.sqrt(fresh * share * (1 - share)));
  return {
    tilt: tiltOf(shape, { fromShare: 1, factor: Math.exp(stretch) }),
    sd: Math.sqrt(sd * sd + (coarse * stretch) ** 2),
    misfit: uneven * stretch,
  };
}

const seenOf = ({ fresh, warm }: LatencyTick, body: number): WarmUp => [
  sum(fresh),
  sumAbove(fresh, body),
  sum(warm),
  sumAbove(warm, body),
];

/** What is known of warming up after this tick, and how fresh instances differ now; while in doubt like is held against like. */
export function warmUpOf(
  before: WarmUp,
  tick: LatencyTick,
  shape: Shape | undefined,
  body: number | undefined,
  lengthS: number,
): readonly [WarmUp, Warmth | undefined] {
  if (body === undefined || shape === undefined || !tick.isCold) return [before, undefined];
  const seen = seenOf(tick, body);
  const after = stepWarmUp(before, seen, lengthS);
  return [after, isUsualWeather(after, seen, shape, body) ? warmthOf(after, shape, body) : undefined];
}
