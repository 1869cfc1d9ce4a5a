import {
  countBetween,
  createCounterKeeper,
  noCounters,
  sumLedgers,
} from '../../../src/adapters/traffic/haproxy-counters';
import type { RawCounters } from '../../../src/adapters/traffic/haproxy-counters';

const raw = (counters: Partial<RawCounters>): RawCounters => ({ ...noCounters, ...counters });

it.each([
  ['good answers', { answers: 5 }, { requests: 5, bad: 0 }],
  ['answers 5xx', { answers: 5, answers5xx: 2 }, { requests: 5, bad: 2 }],
  ['refused connections', { econ: 3 }, { requests: 3, bad: 3 }],
  ['requests moved away', { wredis: 3 }, { requests: 3, bad: 3 }],
  ['missing answers', { eresp: 3 }, { requests: 3, bad: 3 }],
  ['broken answers', { answers: 3, eresp: 3, srvAbrt: 3 }, { requests: 3, bad: 3 }],
  ['stalled answers', { answers: 3, srvAbrt: 3 }, { requests: 3, bad: 3 }],
  ['missing and broken answers together', { answers: 2, eresp: 5, srvAbrt: 2 }, { requests: 5, bad: 5 }],
  ['a break of an answer counted before', { eresp: 1, srvAbrt: 1 }, { requests: 0, bad: 1 }],
])('counts %s once each', (_, after, expected) => {
  expect(countBetween(noCounters, raw(after))).toEqual(expected);
});

const reading = (process: string, blue: Partial<RawCounters>) => ({
  process,
  counters: { blue: raw(blue), green: noCounters },
});

it.each([
  ['a new process', '2@1', { answers: 12 }],
  ['a falling counter', '1@1', { answers: 4 }],
])('adds what came after %s to what was there', (_, process, after) => {
  const keeper = createCounterKeeper();
  keeper.add(reading('1@1', { answers: 10, answers5xx: 1 }));
  keeper.add(reading(process, after));
  expect(keeper.ledger()).toMatchObject({
    counters: { blue: { requests: 10 + after.answers, bad: 1 } },
    resets: 1,
  });
});

it('never says that more requests failed than there were', () => {
  const keeper = createCounterKeeper();
  keeper.add(reading('1@1', { answers: 2, answers5xx: 2, eresp: 2, srvAbrt: 2 }));
  expect(sumLedgers([keeper.ledger()]).counters.blue).toEqual({ requests: 2, bad: 2 });
});
