/**
 * One way in which answers may be slower: those beyond the first bound that at most `fromShare` of the answers exceed take `factor`
 * times as long. Share 1 slows all alike, a small share the tail alone.
 */
export type Slowing = { readonly fromShare: number; readonly factor: number };

const leastShare = 1e-7;

/** ln of how much more often each bucket is hit when answers are slower in this way. */
export type Tilt = readonly number[];

const logit = (share: number): number => Math.log(share / (1 - share));

/** The distribution of the control, from its histogram, as far as buckets tell it. */
export type Shape = {
  /** ln of the upper bounds, one fewer than buckets. */
  readonly logBounds: readonly number[];
  /** Share of answers slower than each bound, falling. */
  readonly slower: readonly number[];
  readonly logits: readonly number[];
};

/** Undefined where there is nothing to tell a shape from. A quarter of an answer is added so that no bucket is impossible. */
export function shapeOf(histogram: readonly number[], bounds: readonly number[]): Shape | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total <= 0 || bounds.length === 0) return undefined;
  let below = 0;
  let last = 1;
  const slower = bounds.map((_, i) => {
    below += histogram[i] ?? 0;
    const share = (total - below + 0.25) / (total + 0.5);
    // Empty buckets in the tail get less and less, so that slower answers than ever seen are still compared.
    last = Math.max(leastShare, Math.min(share, last * (share <= 0.5 / total ? 0.3 : 1 - 1e-6), 1 - 1e-6));
    return last;
  });
  return { logBounds: bounds.map((bound) => Math.log(bound)), slower, logits: slower.map(logit) };
}

/** Share slower than e^x, straight in logit and logarithm between bounds; the first and last slope go on outside. */
function slowerThan(shape: Shape, x: number): number {
  const { logBounds, logits } = shape;
  const last = logBounds.length - 1;
  let i = 0;
  while (i < last - 1 && (logBounds[i + 1] ?? Infinity) <= x) i += 1;
  const [x0, x1] = [logBounds[i] ?? 0, logBounds[Math.min(last, i + 1)] ?? 0];
  const [y0, y1] = [logits[i] ?? 0, logits[Math.min(last, i + 1)] ?? 0];
  const slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : -3;
  return 1 / (1 + Math.exp(-(y0 + slope * (x - x0))));
}

const mostTilt = 4;

/** The tilt of one slowing. It only proposes what to look for; the evidence itself counts requests in buckets. */
export function tiltOf(shape: Shape, { fromShare, factor }: Slowing): Tilt {
  const stretch = Math.log(factor);
  let [before, beforeTilted] = [1, 1];
  const tilts: number[] = [];
  const push = (share: number, tilted: number): void => {
    const [mass, tiltedMass] = [Math.max(leastShare, before - share), Math.max(leastShare, beforeTilted - tilted)];
    tilts.push(Math.max(-mostTilt, Math.min(mostTilt, Math.log(tiltedMass / mass))));
    [before, beforeTilted] = [share, tilted];
  };
  shape.logBounds.forEach((x, i) => {
    const share = shape.slower[i] ?? 0;
    const tilted = share > fromShare ? share : Math.max(share, slowerThan(shape, x - stretch));
    push(share, Math.min(beforeTilted, tilted));
  });
  push(0, 0);
  return tilts;
}
