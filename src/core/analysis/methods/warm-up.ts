import { kept } from '../rounding';
import { tiltOf, type Shape } from './tilt';

/** Requests of fresh and of warm healthy instances, and how many were slower than a bound; old ones fade. */
export type WarmUp = readonly [fresh: number, freshSlow: number, warm: number, warmSlow: number];

export const startWarmUp = (): WarmUp => [0, 0, 0, 0];

/** Instances warm up in minutes: what they did two minutes ago counts a third. */
const fadesInS = 120;
const leastFresh = 100;
/** Standard deviations by which fresh instances may be slower than they look. */
const doubt = 2;
/** A shape read off buckets errs by some per cent of the factor, the more the coarser they are. */
const coarse = 1.2;
/** Standard deviation of the logarithm of one answer's time, roughly, for want of more. */
const spread = 0.45;
const mostSlower = 0.7;

export function stepWarmUp(before: WarmUp, tick: WarmUp, lengthS: number): WarmUp {
  const stay = Math.exp(-lengthS / fadesInS);
  return [
    kept(before[0] * stay + tick[0]),
    kept(before[1] * stay + tick[1]),
    kept(before[2] * stay + tick[2]),
    kept(before[3] * stay + tick[3]),
  ];
}

const logitOf = (slow: number, all: number): number => Math.log((slow + 0.5) / (all - slow + 0.5));

/**
 * How the odds of each bucket differ between fresh and warm healthy instances: fresh ones take a common factor longer, which
 * is read off the share slower than one bound of the body, rather too long than too short. Undefined while too few are seen.
 */
export function warmUpTilt(state: WarmUp, shape: Shape, bound: number): readonly number[] | undefined {
  const [fresh, freshSlow, warm, warmSlow] = state;
  if (fresh < leastFresh || warm < leastFresh) return undefined;
  const [x0, x1] = [shape.logBounds[bound - 1], shape.logBounds[bound + 1]];
  const [y0, y1] = [shape.logits[bound - 1], shape.logits[bound + 1]];
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) return undefined;
  const slope = (y0 - y1) / (x1 - x0);
  const slower = (logitOf(freshSlow, fresh) - logitOf(warmSlow, warm)) / Math.max(0.5, slope);
  const stretch = Math.max(0, Math.min(mostSlower, coarse * slower + (doubt * spread) / Math.sqrt(fresh)));
  return tiltOf(shape, { fromShare: 1, factor: Math.exp(stretch) });
}
