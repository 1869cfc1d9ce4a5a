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
  /** Slope of the logit at each bound. */
  readonly slopes: readonly number[];
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
  const logBounds = bounds.map((bound) => Math.log(bound));
  const logits = slower.map(logit);
  return { logBounds, slower, logits, slopes: slopesOf(logBounds, logits) };
}

/** Slopes at the points of a falling curve that keep it falling: weighted harmonic means (Fritsch and Butland 1984). */
function slopesOf(x: readonly number[], y: readonly number[]): readonly number[] {
  const steps = x.slice(1).map((right, i) => right - (x[i] ?? 0));
  const rises = steps.map((step, i) => ((y[i + 1] ?? 0) - (y[i] ?? 0)) / Math.max(1e-9, step));
  return x.map((_, i) => {
    const [left, right] = [rises[i - 1], rises[i]];
    if (left === undefined || right === undefined) return left ?? right ?? -3;
    const [before, after] = [steps[i - 1] ?? 1, steps[i] ?? 1];
    const [a, b] = [2 * after + before, after + 2 * before];
    return left < 0 && right < 0 ? (a + b) / (a / left + b / right) : 0;
  });
}

/** Logit of the share slower than e^x: a cubic between bounds that never rises; the first and last slope go on outside. */
export function logitAt({ logBounds, logits, slopes }: Shape, x: number): number {
  const last = logBounds.length - 1;
  let i = 0;
  while (i < last && (logBounds[i + 1] ?? Infinity) <= x) i += 1;
  const [x0, y0, slope0] = [logBounds[i] ?? 0, logits[i] ?? 0, slopes[i] ?? -3];
  const x1 = logBounds[i + 1];
  if (x <= x0 || x1 === undefined) return y0 + slope0 * (x - x0);
  const wide = x1 - x0;
  const t = (x - x0) / wide;
  const [own, next] = [(1 + 2 * t) * (1 - t) * (1 - t), t * t * (3 - 2 * t)];
  const bend = t * (1 - t) * wide * ((1 - t) * slope0 - t * (slopes[i + 1] ?? -3));
  return own * y0 + next * (logits[i + 1] ?? 0) + bend;
}

const slowerThan = (shape: Shape, x: number): number => 1 / (1 + Math.exp(-logitAt(shape, x)));

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
    const tilted = share > fromShare ? share : Math.max(share, Math.min(fromShare, slowerThan(shape, x - stretch)));
    push(share, Math.min(beforeTilted, tilted));
  });
  push(0, 0);
  return tilts;
}
