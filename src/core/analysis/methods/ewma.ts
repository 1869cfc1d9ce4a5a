import { normalUpperTail } from '../normal';
import { kept } from '../rounding';

/** What one step counts in the mean; it finds shifts of half a standard deviation soonest. */
const weight = 0.1;
/** Standard deviation of the mean in the long run. */
const spread = Math.sqrt(weight / (2 - weight));
const rate = -Math.log(1 - weight);
/** By how much a path in steps overshoots its limit on one end, in standard deviations of a step (Siegmund 1985). */
const overshoot = 0.583 * Math.sqrt(2 * rate);
const intervals = 100;
/** Beyond this the sum of exponentials would overflow, and no run is that long. */
const farthest = 30;

/** One step of the exponentially weighted mean of standardised surprises (Roberts 1959). */
export const stepEwma = (before: number, surprise: number): number => kept(before + weight * (surprise - before));

/** √(2π) Φ(u) e^(u²/2), for u ≥ 0. */
const millsBelow = (u: number): number => Math.sqrt(2 * Math.PI) * (1 - normalUpperTail(u)) * Math.exp((u * u) / 2);

/**
 * ln of the average number of healthy steps to the first time that the mean reaches `value`: the first passage of the
 * Ornstein–Uhlenbeck process, ∫₀ᴸ √(2π) Φ(u) e^(u²/2) du / rate (Darling and Siegert 1953), with L shifted by the overshoot.
 */
export function ewmaRunLength(value: number): number {
  const limit = Math.min(farthest, value / spread + overshoot);
  if (limit <= 0) return 0;
  const step = limit / intervals;
  let sum = 0;
  // Simpson's rule.
  for (let i = 0; i <= intervals; i += 1)
    sum += (i === 0 || i === intervals ? 1 : 2 + 2 * (i % 2)) * millsBelow(i * step);
  return Math.max(0, Math.log((sum * step) / 3 / rate));
}
