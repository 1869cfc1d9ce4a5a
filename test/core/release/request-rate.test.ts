import { addCount, requestRate, type CountAt } from '../../../src/core/release/request-rate';

const counted = (...counts: readonly (readonly [atMs: number, requests: number])[]): readonly CountAt[] =>
  counts.reduce<readonly CountAt[]>((all, [atMs, requests]) => addCount(all, { atMs, requests }), []);

it.each<[string, readonly CountAt[], number | undefined]>([
  ['unknown before anything was counted', [], undefined],
  ['unknown before a second is over', counted([0, 0], [999, 100]), undefined],
  ['known after a second', counted([0, 0], [1_000, 100]), 100],
  ['of the last five seconds alone', counted([0, 0], [1_000, 1_000], [6_000, 1_250]), 50],
  ['nothing where nobody comes', counted([0, 7], [2_000, 7]), 0],
  ['unknown where the counters began anew', counted([0, 500], [1_000, 600], [1_250, 10]), undefined],
  ['known again a second later', counted([0, 500], [1_000, 10], [2_000, 60]), 50],
])('the rate is %s', (_, counts, rate) => {
  expect(requestRate(counts)).toBe(rate);
});
