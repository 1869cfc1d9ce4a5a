import { describeProgress, leftMsOf, rateOf, withLook, type Look } from '../../../src/core/backfill/progress';

it.each([
  [
    'what is known',
    { unit: 'rows', done: 412_000, estimated: 1_000_000, perSecond: 151_000 },
    '412,000 of about 1,000,000 rows, 151,000 rows/s, 3.9s left',
  ],
  ['only what is known', { unit: 'rows', done: 5 }, '5 rows'],
  ['no less than is done', { unit: 'rows', done: 12, estimated: 10 }, '12 of about 12 rows'],
  ['a phase', { unit: 'blocks', done: 0, phase: 'building index' }, 'building index, 0 blocks'],
  [
    'why it rests, and no rate meanwhile',
    {
      unit: 'rows',
      done: 10,
      estimated: 20,
      perSecond: 5,
      resting: { because: 'replica `r` is 12s behind', untilMs: 0 },
    },
    '10 of about 20 rows; resting because replica `r` is 12s behind, until 1970-01-01 00:00:00 UTC at most',
  ],
])('tells %s', (_, progress, text) => {
  expect(describeProgress(progress)).toBe(text);
});

it('the rate is that of the last seconds', () => {
  let looks: readonly Look[] = [];
  // A minute at 1,000 rows a second, then half a minute at 10.
  for (let at = 0; at <= 90; at += 1)
    looks = withLook(looks, { atMs: at * 1_000, done: at <= 60 ? at * 1_000 : 60_000 + (at - 60) * 10 });
  expect(rateOf(looks)).toBeCloseTo(10);
  expect(looks.length).toBeLessThan(15);
});

it('nobody knows the time left without a rate or an end', () => {
  expect(rateOf([{ atMs: 0, done: 5 }])).toBeUndefined();
  expect(leftMsOf({ unit: 'rows', done: 5, estimated: 10 })).toBeUndefined();
  expect(leftMsOf({ unit: 'rows', done: 5, perSecond: 10 })).toBeUndefined();
  expect(leftMsOf({ unit: 'rows', done: 5, estimated: 10, perSecond: 10 })).toBe(500);
});
