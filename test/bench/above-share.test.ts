import { aboveShare } from '../../bench/config/above-share';

/** One round of a smooth round robin: the canary is every `every`-th, beginning anywhere. */
const round = (every: number, begin: number) => (requests: number) =>
  Array.from({ length: requests }, (_, index) => (index + begin) % every === 0).filter(Boolean).length;

const lengths = Array.from({ length: 12 }, (_, index) => index);
const begins = [0, 1, 2, 3];

describe('requests above the share', () => {
  it('are none in one round, wherever it is cut', () => {
    for (const requests of lengths)
      for (const begin of begins)
        expect(aboveShare({ canary: round(4, begin)(requests), requests, percent: 25, rounds: 1 })).toBe(0);
  });

  it('are none in two rounds together, and the bound is reached', () => {
    const least = lengths.flatMap((first) =>
      lengths.flatMap((second) =>
        begins.map((begin) => {
          const counted = { requests: first + second, percent: 25, rounds: 2 };
          const canary = round(4, 0)(first) + round(4, begin)(second);
          expect(aboveShare({ ...counted, canary })).toBe(0);
          return aboveShare({ ...counted, canary: canary + 1 });
        }),
      ),
    );
    expect(Math.max(...least)).toBe(1);
  });

  it('are all but the share where the canary gets everything', () => {
    expect(aboveShare({ canary: 100, requests: 100, percent: 25, rounds: 2 })).toBe(74);
  });
});
