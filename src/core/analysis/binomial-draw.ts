/** A repeatable source of numbers from 0 to below 1 (Mulberry32): the same seed gives the same numbers on any host. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Above so many expected successes the normal approximation is off by less than anybody can see. */
const mostExact = 5_000;

/** How many of `trials` succeed with `chance` each; exact by skipping from success to success. */
export function drawBinomial(trials: number, chance: number, random: () => number): number {
  if (chance <= 0 || trials <= 0) return 0;
  if (chance > 0.5) return trials - drawBinomial(trials, 1 - chance, random);
  if (trials * chance > mostExact) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const drawn = Math.round(trials * chance + normal * Math.sqrt(trials * chance * (1 - chance)));
    return Math.min(trials, Math.max(0, drawn));
  }
  const step = Math.log1p(-chance);
  let successes = 0;
  for (let at = Math.log(1 - random()) / step; at < trials; at += 1 + Math.floor(Math.log(1 - random()) / step))
    successes += 1;
  return successes;
}
