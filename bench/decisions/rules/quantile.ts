import { buckets, upperBoundsS } from '../streams/latency';

/** What Prometheus' `histogram_quantile` says of one row of bucket counts: linear inside a bucket; NaN without requests. */
function histogramQuantile(counts: Float64Array, row: number, share: number): number {
  let total = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) total += counts[row * buckets + bucket] ?? 0;
  if (total === 0) return NaN;
  const rank = share * total;
  let before = 0;
  for (let bucket = 0; bucket < upperBoundsS.length; bucket += 1) {
    const inside = counts[row * buckets + bucket] ?? 0;
    if (before + inside >= rank) {
      const [low, high] = [upperBoundsS[bucket - 1] ?? 0, upperBoundsS[bucket] ?? 0];
      return inside === 0 ? low : low + ((high - low) * (rank - before)) / inside;
    }
    before += inside;
  }
  return upperBoundsS.at(-1) ?? NaN;
}

/** One quantile for each row. */
export const quantilesOf = (counts: Float64Array, share: number): Float64Array =>
  Float64Array.from({ length: counts.length / buckets }, (_, row) => histogramQuantile(counts, row, share));
