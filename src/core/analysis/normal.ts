const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Below it the power series keeps all digits, above it the continued fraction does. */
const seriesEnd = 3;
const fractionDepth = 200;

/** P(Z > x) of a standard normal variable; relative error below 1e-13 for |x| ≤ 35. */
export function normalUpperTail(x: number): number {
  if (x < 0) return 1 - normalUpperTail(-x);
  if (x > seriesEnd) {
    let below = x;
    for (let depth = fractionDepth; depth > 0; depth -= 1) below = x + depth / below;
    return density(x) / below;
  }
  let [sum, term] = [x, x];
  for (let odd = 3; term > 1e-18 * sum; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 - density(x) * sum;
}

/** The x with P(Z > x) = `tail`, for a tail above 0 and at most ½, by Newton's method on the logarithm of the tail. */
export function normalUpperQuantile(tail: number): number {
  if (!(tail > 0 && tail <= 0.5)) throw new RangeError(`a tail above 0 and at most 0.5 is needed, not ${tail}`);
  let x = Math.sqrt(Math.max(0, -2 * Math.log(2 * tail)));
  for (let step = 0; step < 100; step += 1) {
    const reached = normalUpperTail(x);
    const next = x + (reached / density(x)) * Math.log(reached / tail);
    if (Math.abs(next - x) <= 1e-15 * Math.max(1, next)) return next;
    x = next;
  }
  return x;
}
