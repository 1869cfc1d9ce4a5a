import { judgeRebound, type Answers } from '../../../src/core/release/band';

const healthy = { requests: 1_000, bad: 1 };
const sick = { requests: 1_000, bad: 100 };
const part = (requests: number, bad: number): Answers => ({ requests, bad });

it.each<[string, Answers, readonly Answers[], boolean, string]>([
  ['every part is good', healthy, [part(200, 0), part(200, 1), part(200, 0)], true, '0.17 % of 600'],
  [
    'one part is bad and the rest makes up for it',
    healthy,
    [part(900, 0), part(100, 12), part(900, 0)],
    false,
    '0.63 % of 1900, and once 12.00 % of 100',
  ],
  ['all of it is a little bad', healthy, [part(500, 15), part(500, 15)], false, '3.00 % of 1000'],
  ['one answer of few is bad by chance', healthy, [part(60, 0), part(10, 1)], true, '1.43 % of 70'],
  ['it was as sick before', sick, [part(200, 20), part(200, 22)], true, '10.50 % of 400'],
  ['it is sicker than before', sick, [part(200, 30), part(200, 30)], false, '15.00 % of 400'],
  ['none is answered', healthy, [part(40, 40)], false, 'the baseline does not answer: all of its 40 requests failed'],
  [
    'the proxy finds it down',
    healthy,
    [part(0, 0), { ...part(0, 0), isDown: true }],
    false,
    'the baseline does not answer: the proxy finds it down',
  ],
  ['nobody sends requests', healthy, [part(0, 0), part(0, 0)], true, 'no requests: nobody is served badly'],
])('%s: in band %#', (_, before, parts, isEqual, observed) => {
  expect(judgeRebound(before, { parts, watchedMs: 5_000 })).toMatchObject({ isEqual, observed });
});

it('says the limit and how long it was watched', () => {
  expect(judgeRebound(healthy, { parts: [part(10, 0)], watchedMs: 5_000 }).expected).toBe('at most 2.10 % for 5s');
  expect(judgeRebound(healthy, { parts: [part(10, 0)], watchedMs: 0 }).expected).toBe('at most 2.10 %');
});
