import { followWatchedSplit, judgeSplit, type WatchedSplit } from '../../../src/core/analysis/watched-split';

const stage = { canaryPercent: 50, bakeMs: 120_000 };

/** A split of so many requests by now, looked at four times a second. */
function watched(
  counts: (atMs: number) => { readonly baseline: number; readonly canary: number },
  looks: readonly number[],
): WatchedSplit | undefined {
  let split: WatchedSplit | undefined;
  for (const atMs of looks) {
    const { baseline, canary } = counts(atMs);
    split = followWatchedSplit(split, {
      atMs,
      counts: { kind: 'counts', baseline: { total: baseline, bad: 0 }, canary: { total: canary, bad: 0 } },
      isAsWanted: true,
      stage,
    });
  }
  return split;
}

const everyQuarter = (fromMs: number, toMs: number): readonly number[] =>
  Array.from({ length: (toMs - fromMs) / 250 }, (_, index) => fromMs + index * 250);

/** Fifty requests a second to each slot, and from `fromMs` to `toMs` all hundred to the canary. */
const downBetween = (fromMs: number, toMs: number) => (atMs: number) => {
  const downMs = Math.max(0, Math.min(atMs, toMs) - fromMs);
  return { baseline: (atMs - downMs) / 20, canary: (atMs + downMs) / 20 };
};

it('is off when the canary gets more than its share under the eyes of the watch', () => {
  const seen = watched((atMs) => ({ baseline: atMs / 25, canary: atMs / 16 }), everyQuarter(0, 60_000));
  expect(judgeSplit(seen, 1)).toMatchObject([{ metric: 'traffic-split', value: 'inconclusive' }]);
});

it('is not judged by what came to pass while no worker looked', () => {
  const looks = [...everyQuarter(0, 10_250), ...everyQuarter(16_000, 60_000)];
  expect(judgeSplit(watched(downBetween(10_000, 16_000), looks), 1)).toEqual([]);
});

it('is judged by what comes after such a gap', () => {
  const looks = [...everyQuarter(0, 10_250), ...everyQuarter(16_000, 60_000)];
  const seen = watched(downBetween(20_000, 26_000), looks);
  expect(judgeSplit(seen, 1)).toMatchObject([{ metric: 'traffic-split' }]);
});

it('leaves the first seconds of a shift out, also when the worker dies within them', () => {
  const looks = [0, 250, ...everyQuarter(6_000, 60_000)];
  expect(judgeSplit(watched(downBetween(0, 6_000), looks), 1)).toEqual([]);
});
