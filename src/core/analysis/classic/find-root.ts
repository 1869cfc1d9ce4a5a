/** A point and the function's value there. */
type Point = { readonly at: number; readonly value: number };

const mostSteps = 1_000;

const isZero = (value: number): boolean => Math.abs(value) <= Number.MIN_VALUE;

/** Where the line or parabola through the points crosses zero, seen from `best`; undefined where it would leave the bracket. */
function interpolate(best: Point, before: Point, other: Point, lastStep: number, least: number): number | undefined {
  const gap = other.at - best.at;
  let [over, under] = [0, 0];
  if (before.at === other.at) {
    const slope = best.value / before.value;
    [over, under] = [gap * slope, 1 - slope];
  } else {
    const [q, t1, t2] = [before.value / other.value, best.value / other.value, best.value / before.value];
    over = t2 * (gap * q * (q - t1) - (best.at - before.at) * (t1 - 1));
    under = (q - 1) * (t1 - 1) * (t2 - 1);
  }
  if (over > 0) under = -under;
  else over = -over;
  const isInside = over < 0.75 * gap * under - Math.abs(least * under) / 2 && over < Math.abs((lastStep * under) / 2);
  return isInside ? over / under : undefined;
}

/**
 * A zero between `low` and `high`, where the function has values of different sign, to within `tolerance`: Brent's method
 * ("Algorithms for Minimization without Derivatives", 1973, chapter 4). An end that is a zero is returned as it is.
 */
export function findRoot(low: number, high: number, tolerance: number, value: (at: number) => number): number {
  let before: Point = { at: low, value: value(low) };
  let best: Point = { at: high, value: value(high) };
  let other = before;
  if (isZero(before.value)) return low;
  for (let steps = 0; steps <= mostSteps; steps += 1) {
    const lastStep = best.at - before.at;
    if (Math.abs(other.value) < Math.abs(best.value)) {
      const worse = best;
      [best, before, other] = [other, worse, worse];
    }
    const least = 2 * Number.EPSILON * Math.abs(best.at) + tolerance / 2;
    const half = (other.at - best.at) / 2;
    if (Math.abs(half) <= least || isZero(best.value)) return best.at;
    const mayGuess = Math.abs(lastStep) >= least && Math.abs(before.value) > Math.abs(best.value);
    const wanted = (mayGuess ? interpolate(best, before, other, lastStep, least) : undefined) ?? half;
    const step = Math.abs(wanted) >= least ? wanted : wanted > 0 ? least : -least;
    before = best;
    const at = best.at + step;
    best = { at, value: value(at) };
    if (Math.sign(best.value) === Math.sign(other.value)) other = before;
  }
  return best.at;
}
