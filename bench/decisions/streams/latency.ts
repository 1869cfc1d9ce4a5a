/** Upper bounds of the latency buckets, in seconds; one more bucket holds what is slower. */
export const upperBoundsS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
export const buckets = upperBoundsS.length + 1;

/** Distribution function of the normal, by Abramowitz and Stegun 7.1.26 (error below 2e-7). */
function normalBelow(z: number): number {
  const a = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * a);
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-a * a);
  const below = 1 - series / 2;
  return z >= 0 ? below : 1 - below;
}

/** Grid of logarithms of a common slow-down, over which the shares of the buckets are tabulated. */
const grid = { from: -1.5, perUnit: 1_000, points: 4_001 };

function tabulate(medianS: number, sigma: number): Float64Array {
  const table = new Float64Array(grid.points * buckets);
  for (let point = 0; point < grid.points; point += 1) {
    const shift = grid.from + point / grid.perUnit;
    let below = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const bound = upperBoundsS[bucket];
      const upTo = bound === undefined ? 1 : normalBelow((Math.log(bound / medianS) - shift) / sigma);
      table[point * buckets + bucket] = upTo - below;
      below = upTo;
    }
  }
  return table;
}

/** Log-normals of most requests and of a slow twentieth; together their p99 is about 280 ms. */
const tail = { share: 0.05, medianS: 0.2, sigma: 0.4 };
const bodyTable = tabulate(0.06, 0.35);
const tailTable = tabulate(tail.medianS, tail.sigma);
const healthyP99S = 0.28;

const rowOf = (shift: number): number =>
  buckets * Math.min(grid.points - 1, Math.max(0, Math.trunc((shift - grid.from) * grid.perUnit)));

/** Shares of the buckets when everything is `shift` (logarithm) slower and the slow twentieth by `tailFactor` more. */
export function bucketShares(shift: number, tailFactor: number, out = new Float64Array(buckets)): Float64Array {
  const [body, slow] = [rowOf(shift), rowOf(shift + Math.log(tailFactor))];
  for (let bucket = 0; bucket < buckets; bucket += 1)
    out[bucket] = (1 - tail.share) * (bodyTable[body + bucket] ?? 0) + tail.share * (tailTable[slow + bucket] ?? 0);
  return out;
}

/** How many more requests than before exceed the healthy p99 when the slow twentieth is `tailFactor` slower. */
export function slowerThanP99(tailFactor: number): number {
  const z = Math.log(healthyP99S / tail.medianS) / tail.sigma;
  return tail.share * (normalBelow(z) - normalBelow(z - Math.log(tailFactor) / tail.sigma));
}
