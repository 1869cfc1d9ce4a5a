import { shapeOf, tiltOf, type Shape, type Slowing } from './tilt';

/**
 * What to look for: all answers slower, a fifth, a twentieth, or the last per cent. A bet on a factor f brings at least three
 * quarters of what the best one would for true factors from √f to f^1.5, so neighbours in the tail are a power of three apart.
 */
export const slowings: readonly (Slowing & { readonly weight: number })[] = [
  { fromShare: 1, factor: 1.15, weight: 0.06 },
  { fromShare: 1, factor: 1.5, weight: 0.06 },
  { fromShare: 1, factor: 3, weight: 0.04 },
  { fromShare: 0.2, factor: 1.2, weight: 0.05 },
  { fromShare: 0.2, factor: 1.6, weight: 0.05 },
  { fromShare: 0.05, factor: 1.05, weight: 0.14 },
  { fromShare: 0.05, factor: 1.15, weight: 0.24 },
  { fromShare: 0.05, factor: 1.5, weight: 0.16 },
  { fromShare: 0.05, factor: 2.5, weight: 0.1 },
  { fromShare: 0.01, factor: 1.5, weight: 0.05 },
  { fromShare: 0.01, factor: 4, weight: 0.05 },
];
export const slowingWeights = slowings.map(({ weight }) => weight);

/** One slowing held against what is tolerated: odds of each bucket, relative to those of equal speed, under both. */
export type Tilted = {
  readonly slower: readonly number[];
  readonly tolerated: readonly number[];
  /** ln of the one over the other. */
  readonly logs: readonly number[];
  /** How much natural differences in speed inflate the variance of this comparison, a request and squared logarithm. */
  readonly natural: number;
  /** The share of requests in the buckets that it looks at. */
  readonly mass: number;
};

export type Tilts = { readonly shape: Shape; readonly tilted: readonly Tilted[] };

const dot = (masses: readonly number[], a: readonly number[], b: readonly number[]): number =>
  masses.reduce((sum, mass, i) => sum + mass * (a[i] ?? 0) * (b[i] ?? 0), 0);

/** The same tilt as odds, scaled so that the shares of all buckets still sum to 1. */
function oddsOf(masses: readonly number[], tilt: readonly number[]): readonly number[] {
  const odds = tilt.map(Math.exp);
  const total = masses.reduce((sum, mass, b) => sum + mass * (odds[b] ?? 1), 0);
  return odds.map((value) => value / total);
}

/**
 * What is tolerated of a slower tail is the margin on that tail, and besides the one common factor on all answers that looks
 * most like it: groups of instances differ by such a factor, and it must be no evidence about the tail.
 */
function tiltedOf(
  masses: readonly number[],
  tilt: readonly number[],
  margin: readonly number[],
  nearby: readonly number[],
  isTail: boolean,
): Tilted {
  const slower = oddsOf(masses, tilt);
  const tail = oddsOf(masses, margin);
  const moved = slower.map((odds, b) => odds - (tail[b] ?? 1));
  const alike = isTail ? dot(masses, moved, nearby) / Math.max(1e-9, dot(masses, nearby, nearby)) : 0;
  const shared = Math.max(0, Math.min(mostAlike, alike));
  const tolerated = oddsOf(
    masses,
    margin.map((log, b) => log + shared * (nearby[b] ?? 0)),
  );
  const left = slower.map((odds, b) => Math.log(odds / (tolerated[b] ?? 1)));
  return {
    slower,
    tolerated,
    logs: left,
    natural: dot(masses, left, nearby) ** 2 / Math.max(1e-12, dot(masses, left, left)),
    mass:
      masses.reduce((total, mass, b) => total + mass * Math.abs(left[b] ?? 0), 0) ** 2 /
      Math.max(1e-12, dot(masses, left, left)),
  };
}

const nearbyFactor = 1.02;
/** ln of the factor on all answers by which groups of instances differ at most. */
const mostAlike = 0.05;

function computeTilts(histogram: readonly number[], bounds: readonly number[], margins: Margins): Tilts | undefined {
  const shape = shapeOf(histogram, bounds);
  if (shape === undefined) return undefined;
  const masses = [...shape.slower, 0].map((share, b) => Math.max(0, (shape.slower[b - 1] ?? 1) - share));
  const nearby = tiltOf(shape, { fromShare: 1, factor: nearbyFactor }).map((log) => log / Math.log(nearbyFactor));
  const shares = [...new Set(slowings.map(({ fromShare }) => fromShare))];
  const tolerated = shares.map((fromShare) =>
    tiltOf(shape, { fromShare, factor: fromShare === 1 ? margins.all : margins.tail }),
  );
  const tilted = slowings.map((slowing) => {
    const margin = tolerated[shares.indexOf(slowing.fromShare)] ?? [];
    return tiltedOf(masses, tiltOf(shape, slowing), margin, nearby, slowing.fromShare < 1);
  });
  return { shape, tilted };
}

/** Factors in time that are tolerated: of all answers, and of the tail alone. */
export type Margins = { readonly all: number; readonly tail: number };

type Known = { readonly bounds: readonly number[]; readonly margins: Margins; readonly tilts: Tilts | undefined };

/** Tilts of the last shapes: a shape serves many ticks, and computing them costs more than a tick. */
const known = new WeakMap<readonly number[], Known>();

/** The tilts of a healthy histogram; the same for the same input, only faster the second time. */
export function tiltsOf(histogram: readonly number[], bounds: readonly number[], margins: Margins): Tilts | undefined {
  const found = known.get(histogram);
  const isSame = found?.bounds === bounds && found.margins.all === margins.all && found.margins.tail === margins.tail;
  if (isSame) return found.tilts;
  const tilts = computeTilts(histogram, bounds, margins);
  known.set(histogram, { bounds, margins, tilts });
  return tilts;
}
