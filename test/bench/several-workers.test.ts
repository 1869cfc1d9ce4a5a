import { createHttpSentinel } from '../../src/adapters/sentinel/http';
import { startLeaseBook } from '../../bench/scale/lease-book';
import { judgePair, type Pair, type Played } from '../../bench/scale/several-workers-bars';

const played: Played = {
  ...{ p99Ms: 2_000, kilobytesEach: 1_000, coreMsEach: 2, lost: 0 },
  ...{ promoted: 190, rolledBack: 30, wrong: [] },
};
const pair: Pair = {
  one: played,
  two: { ...played, p99Ms: 1_000, kilobytesEach: 1_100 },
  takeover: { open: 200, orphaned: 2, observedAgainMs: [900, 1_100], renewedAgainMs: [950, 1_150] },
};
const missed = (found: Pair): readonly string[] =>
  judgePair(200, found)
    .filter(({ isMet }) => !isMet)
    .map(({ what }) => what);

describe('bars of several workers', () => {
  it('are met when every release is observed again and no lease is lost', () => {
    expect(missed(pair)).toEqual([]);
  });

  it('stand beside how many times as much two workers take', () => {
    const [latency, memory] = judgePair(200, pair);
    expect(latency?.measured).toBe('one 2000 ms, two 1000 ms: 0.5 ×');
    expect(memory?.measured).toBe('one 1000 kB, two 1100 kB: 1.1 ×');
  });

  it.each<[string, Partial<Pair>, string]>([
    ['a lease lost', { two: { ...pair.two, lost: 1 } }, 'leases lost'],
    ['an ending that is not right', { one: { ...played, wrong: ['s1: aborted'] } }, 'all of them ended right'],
    [
      'a release that nobody observed again',
      { takeover: { ...pair.takeover, observedAgainMs: [900] } },
      'the kill → observed again',
    ],
    [
      'a lease that nobody renewed again',
      { takeover: { ...pair.takeover, renewedAgainMs: [] } },
      'the kill → lease renewed again',
    ],
  ])('are missed by %s', (_, part, what) => {
    expect(missed({ ...pair, ...part })).toEqual([expect.stringContaining(what)]);
  });
});

it('the book of leases knows what was renewed, what is left and what ran out', async () => {
  const book = await startLeaseBook(['t-kept', 't-lost']);
  try {
    const sentinel = createHttpSentinel(book);
    const roles = { baseline: 'blue', canary: 'green' } as const;
    const hold = (target: string, ttlMs: number) =>
      sentinel.hold(target, { release: 'r1', roles, phase: 'exposing', ceilingPercent: 25, ttlMs });
    await hold('t-kept', 60_000);
    await hold('t-lost', 100);
    await sentinel.renew('t-kept', 'r1');
    expect([...book.firstRenewalsSince(0).keys()]).toEqual(['t-kept']);
    expect(book.firstRenewalsSince(Infinity).size).toBe(0);
    expect(book.longestLeftMs()).toBeGreaterThan(50_000);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await sentinel.renew('t-lost', 'r1')).toEqual({ isHeld: false, refusal: 'expired' });
    expect(book.countLost()).toBe(1);
  } finally {
    await book.stop();
  }
});
