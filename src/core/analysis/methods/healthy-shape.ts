import { sum, type LatencyTick } from './bucket-odds';
import type { Shape } from './tilt';

const leastShape = 50;
/** Shares slower than the bound, near which dispersion is learnt. */
export const learntShares = [0.25, 0.03] as const;

const addTo = (before: readonly number[], ...more: (readonly number[])[]): readonly number[] =>
  (more[0] ?? []).map((_, b) => more.reduce((total, counts) => total + (counts[b] ?? 0), before[b] ?? 0));

/**
 * Before anything is known, the totals of the tick's own buckets must do: who had them is what the evidence asks, given how
 * many there were.
 */
export function shapeToday(shape: readonly number[], { canary, fresh, warm }: LatencyTick): readonly number[] {
  if (shape.length > 0) return shape;
  const all = addTo([], canary, fresh, warm);
  return sum(all) >= leastShape ? all : [];
}

/** The alternatives are made anew when a fifth more is known, or much has been forgotten; always from earlier ticks. */
export function nextShape(shape: readonly number[], healthy: readonly number[]): readonly number[] {
  const [known, now] = [sum(shape), sum(healthy)];
  return now >= leastShape && (now > 1.2 * known || now < 0.8 * known) ? healthy : shape;
}

/** The bounds at which dispersion is learnt, once enough is known of the healthy arms; kept from then on. */
export function chooseBounds(before: readonly number[], shape: Shape | undefined, total: number): readonly number[] {
  if (before.length > 0 || shape === undefined || total < 4 * leastShape) return before;
  return learntShares.map((wanted) => {
    const distance = shape.slower.map((share) => Math.abs(Math.log(share / wanted)));
    return distance.indexOf(Math.min(...distance));
  });
}
