/** A seeded source of random numbers; the same seed gives the same numbers on every machine. */
export type Random = {
  /** Between 0 and 1, never either. */
  uniform(): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
  /** Mean `shape`, for shapes of at least 1. */
  gamma(shape: number): number;
};

/** Spreads a text over 32 bits, so that neighbouring seeds give unrelated streams (FNV-1a, then a finaliser). */
function hash(text: string, start: number): number {
  let mixed = start;
  for (let i = 0; i < text.length; i += 1) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) | 0;
}

/** Numbers drawn from `seed`, any text: sfc32, Marsaglia's polar method, and Marsaglia and Tsang's for the gamma. */
export function createRandom(seed: string): Random {
  let [a, b, c, counter] = [hash(seed, 0x811c9dc5), hash(seed, 0x1b873593), hash(seed, 0x6a09e667), 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next();
  const uniform = (): number => (next() + 0.5) / 4_294_967_296;

  let spare = NaN;
  const normal = (): number => {
    if (spare === spare) {
      const kept = spare;
      spare = NaN;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };

  const gamma = (shape: number): number => {
    const d = shape - 1 / 3;
    const scale = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const root = 1 + scale * x;
      if (root <= 0) continue;
      const cube = root * root * root;
      if (Math.log(uniform()) < 0.5 * x * x + d * (1 - cube + Math.log(cube))) return d * cube;
    }
  };
  return { uniform, normal, gamma };
}
