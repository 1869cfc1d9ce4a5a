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
