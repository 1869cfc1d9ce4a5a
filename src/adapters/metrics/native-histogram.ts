import { z } from 'zod';
import type { Series } from './prometheus-answer';

/** One sample of a native histogram: its buckets as [boundary rule, left, right, count]; empty ones are left out. */
export const nativeSample = z.tuple([
  z.number(),
  z.object({
    buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).optional(),
  }),
]);

type NativeSample = z.infer<typeof nativeSample>;
type Labels = { readonly [label: string]: string };

/**
 * The buckets of a native histogram as counters, one series a bucket with its right bound as `le`. Unlike classic buckets
 * they do not hold the ones below them, so a bucket that is left out is a true zero at every moment.
 */
export function bucketSeries(
  labels: Labels,
  samples: readonly NativeSample[],
  idOf: (labels: Labels) => string,
): readonly Series[] {
  const points = new Map<string, { atMs: number; value: number }[]>();
  for (const [seconds, { buckets = [] }] of samples)
    for (const [, , right, count] of buckets) {
      const atMs = Math.round(seconds * 1_000);
      points.set(right, [...(points.get(right) ?? []), { atMs, value: Number(count) }]);
    }
  return [...points].map(([right, of]) => {
    const all = { ...labels, le: right };
    return { id: idOf(all), labels: all, points: of, isNative: true };
  });
}

/** Sums by bucket to sums up to each bound, as classic buckets have them; the last is that of all. */
export function cumulated(sums: { readonly [le: string]: number }): { readonly [le: string]: number } {
  let sum = 0;
  const rows = Object.entries(sums)
    .sort(([a], [b]) => boundOf(a) - boundOf(b))
    .map(([le, count]) => [le, (sum += count)] as const);
  return { ...Object.fromEntries(rows), '+Inf': sum };
}

const boundOf = (text: string): number => (text === '+Inf' ? Infinity : Number(text));
