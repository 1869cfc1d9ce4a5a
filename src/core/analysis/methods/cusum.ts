import { kept } from '../rounding';

/** Half of the shift it finds soonest, in standard deviations (Page 1954). */
const reference = 0.5;
/** By how much a sum in steps overshoots its limit, on both ends, in standard deviations (Siegmund 1985). */
const overshoot = 1.166;

/** One step of the one-sided cumulative sum of standardised surprises: what exceeds the reference adds up, and never below 0. */
export const stepCusum = (before: number, surprise: number): number => kept(Math.max(0, before + surprise - reference));

/**
 * ln of the average number of healthy steps to the first time that the sum reaches `level`: Siegmund's approximation
 * (e^b − b − 1) / (2 k²) with b = 2 k (level + 1.166), within a tenth for levels from 1.
 */
export function cusumRunLength(level: number): number {
  const b = 2 * reference * (level + overshoot);
  return b - Math.log(2 * reference * reference) + Math.log1p(-(b + 1) * Math.exp(-b));
}
