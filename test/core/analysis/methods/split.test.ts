import { splitEvidence, startSplit, stepSplit } from '../../../../src/core/analysis/methods/split';
import { seededRandom } from '../../../../src/core/seeded-random';

const share = { canary: 0.1, others: 0.9 };
const minutes = 5;

/**
 * When the split counts as off, in seconds; undefined for never. Each arm's load varies by 2 % over a quarter of a minute, and
 * anew each tick, so by more the shorter a tick.
 */
function heldAfterS(seed: number, rps: number, tickS: number, canaryTraffic = 1): number | undefined {
  const random = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const requests = (part: number): number => {
    const mean = rps * tickS * part * Math.exp(0.02 * Math.sqrt(15 / tickS) * normal());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  };
  let state = startSplit();
  for (let tick = 1; tick * tickS <= 60 * minutes; tick += 1) {
    const seen = { canary: requests(share.canary * canaryTraffic), others: requests(share.others) };
    state = stepSplit(state, seen, share, { atS: tick * tickS, lengthS: tickS }, 60 * minutes);
    if (splitEvidence(state).log >= Math.log(1_000)) return tick * tickS;
  }
  return undefined;
}

const seeds = Array.from({ length: 100 }, (_, seed) => seed);

it.each([
  [500, 15],
  [5_000, 15],
  [5_000, 1],
  [5_000, 0.2],
  [50_000, 1],
])('bursts of %i requests a second, looked at every %d s, are no wrong split', (rps, tickS) => {
  expect(seeds.filter((seed) => heldAfterS(seed, rps, tickS) !== undefined)).toEqual([]);
});

it.each([
  [500, 15],
  [500, 1],
  [5_000, 1],
  [5_000, 0.2],
])(
  'a canary that gets a fifth too little of %i requests a second is noticed in a minute at ticks of %d s',
  (rps, tickS) => {
    const slow = seeds.filter((seed) => (heldAfterS(seed, rps, tickS, 0.8) ?? Infinity) > 60);
    // A stream at 15 s has four ticks for it.
    expect(slow.length).toBeLessThanOrEqual(5);
  },
);
