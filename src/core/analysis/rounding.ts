const steps = 1e8;
const farthest = 1e6;

/**
 * A number of the state as it is kept: eight decimals, never beyond a million. Math.log and Math.exp may differ in the last bit
 * from one JavaScript engine to the next, and rounding after every tick keeps such a bit from growing and the state from swelling.
 */
export function kept(value: number): number {
  if (value > farthest) return Math.abs(value) < 2 ** 53 ? Math.round(value) : farthest;
  if (!(value > -farthest)) return -farthest;
  return Math.round(value * steps) / steps + 0;
}

/** ln(e^a + e^b) without overflow. */
export function logAdd(a: number, b: number): number {
  const high = a > b ? a : b;
  const low = a > b ? b : a;
  return low - high < -40 ? high : high + Math.log1p(Math.exp(low - high));
}
