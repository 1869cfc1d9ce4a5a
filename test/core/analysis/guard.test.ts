import { quantile, runStream, type Rates, type Stream } from './simulation';

const quarter = { minRequests: 200, isFull: false, canaryPercent: 25 };
const full = { minRequests: 200, isFull: true, canaryPercent: 99 };
const bakeMs = 60_000;
const warmMs = 10_000;

type Common = Pick<Stream, 'stage' | 'takesTurns'>;

const alike =
  (share: (atMs: number) => number): Rates =>
  (atMs) => ({ baseline: share(atMs), canary: share(atMs) });

/** How long after its first bad answer the canary's breach is found, a stream each; Infinity: not in a minute. */
function findDelays(streams: number, canary: number, common: Common): readonly number[] {
  return Array.from({ length: streams }, (_, index) => {
    const stream = { ...common, requestsPerSecond: 200 };
    const clean = runStream({ ...stream, seed: index, untilMs: warmMs, rates: alike(() => 0) });
    const broken = runStream({
      ...stream,
      seed: index + 1_000_000,
      startState: clean.state,
      fromMs: warmMs + 50,
      untilMs: warmMs + 60_000,
      rates: () => ({ baseline: 0, canary }),
    });
    return (broken.failedAtMs ?? Infinity) - (broken.firstBadAtMs ?? 0);
  });
}

/** How many of the streams of a canary as good as its baseline are called failed. */
function countFalseAlarms(streams: number, share: (atMs: number) => number, common: Common): number {
  const outcomes = Array.from({ length: streams }, (_, seed) =>
    runStream({ ...common, seed, requestsPerSecond: 200, untilMs: bakeMs, rates: alike(share) }),
  );
  return outcomes.filter(({ failedAtMs }) => failedAtMs !== undefined).length;
}

const burst =
  (share: number) =>
  (atMs: number): number =>
    atMs % 60_000 >= 30_000 && atMs % 60_000 < 35_000 ? share : 0;

describe('the guard test in simulated streams of 200 requests a second', () => {
  it('finds half of the answers bad at a quarter of the traffic within 450 ms at the 95th percentile', () => {
    expect(quantile(findDelays(500, 0.5, { stage: quarter }), 0.95)).toBeLessThanOrEqual(450);
  });

  it('finds five more bad answers in a hundred within fifteen seconds in the median', () => {
    expect(quantile(findDelays(50, 0.05, { stage: quarter }), 0.5)).toBeLessThanOrEqual(15_000);
  });

  it('finds half of the answers bad beside a holdback of one percent within six seconds', () => {
    const delays = findDelays(50, 0.5, { stage: full, takesTurns: true });
    expect(quantile(delays, 0.95)).toBeLessThanOrEqual(6_000);
  });

  it.each([0, 0.001, 0.01, 0.05])('raises no false alarm when both arms fail %d of the requests', (share) => {
    expect(countFalseAlarms(50, () => share, { stage: quarter })).toBe(0);
  });

  it.each([0.01, 0.05])('raises no false alarm in bursts of %d that hit both arms', (share) => {
    expect(countFalseAlarms(50, burst(share), { stage: quarter })).toBe(0);
    expect(countFalseAlarms(50, burst(share), { stage: full })).toBe(0);
  });
});
