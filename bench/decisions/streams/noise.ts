import type { Random } from './random';

/** Ticks at which correlations are declared; at other ticks the same noise is sampled more or less often. */
const declaredTickS = 15;

/** Noise that forgets slowly: each tick keeps `kept` (at ticks of 15 s) of the last one; standard deviation `deviation`. */
export function drawSlowNoise(
  random: Random,
  { ticks, tickS }: { readonly ticks: number; readonly tickS: number },
  kept: number,
  deviation: number,
): Float64Array {
  const rho = kept ** (tickS / declaredTickS);
  const fresh = Math.sqrt(1 - rho * rho);
  const noise = new Float64Array(ticks);
  let value = random.normal();
  for (let tick = 0; tick < ticks; tick += 1) {
    if (tick > 0) value = rho * value + fresh * random.normal();
    noise[tick] = deviation * value;
  }
  return noise;
}

/** Shape of the gamma by which an arm's load varies from tick to tick: sums over ticks vary the same at any tick. */
export const loadShape = (tickS: number): number => (2_500 * tickS) / declaredTickS;
