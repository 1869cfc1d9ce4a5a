import type { MetricRule } from '../../../src/core/plan/plan';
import {
  bandRules,
  judgeGuardrail,
  judgeGuardrails,
  notShownText,
  type GuardrailReading,
} from '../../../src/core/release/guardrail-band';

const answers = {
  name: 'answers',
  guardrail: true,
  kind: 'ratio',
  target: 'prometheus',
  bad: 'bad{slot="$slot"}',
  total: 'total{slot="$slot"}',
  limit: { kind: 'margin', share: 0.05 },
} as const;
const queue = {
  name: 'queue',
  guardrail: true,
  kind: 'value',
  target: 'prometheus',
  query: 'q{slot="$slot"}',
  max: 5,
} as const;
const counts = (requests: number, bad: number): GuardrailReading => ({ kind: 'counts', requests, bad });
const value = (of: number): GuardrailReading => ({ kind: 'value', value: of });
const missing = (reason: 'empty' | 'stale' | 'unreachable'): GuardrailReading => ({
  kind: 'missing',
  reason,
  detail: 'why',
});

it.each<[string, GuardrailReading | undefined, GuardrailReading, boolean, string]>([
  ['as good as before', counts(1_000, 10), counts(500, 5), true, '1.00 % of 500'],
  ['worse, within the margin the release allows', counts(1_000, 10), counts(500, 25), true, '5.00 % of 500'],
  ['far worse', counts(1_000, 10), counts(500, 100), false, '20.00 % of 500'],
  ['as bad as before', counts(1_000, 200), counts(500, 100), true, '20.00 % of 500'],
  ['one bad answer of few, by chance', counts(1_000, 0), counts(4, 1), true, '25.00 % of 4'],
  ['good, and unknown before', undefined, counts(500, 5), true, '1.00 % of 500'],
  [
    'seen for a part of the time',
    counts(1_000, 10),
    { kind: 'counts', requests: 200, bad: 2, seenMs: 2_000 },
    true,
    '1.00 % of 200 in the first 2s',
  ],
])('a ratio that is %s is shown', (_what, before, now, isEqual, observed) => {
  expect(judgeGuardrail(answers, before, now, 5_000)).toMatchObject({ isEqual, observed });
});

it.each<[string, GuardrailReading | undefined, GuardrailReading, boolean]>([
  ['below its limit', value(1), value(5), true],
  ['above its limit', value(1), value(6), false],
  ['as far above its limit as before', value(9), value(9), true],
  ['below its limit, and unknown before', undefined, value(5), true],
])('a value that is %s is shown', (_what, before, now, isEqual) => {
  expect(judgeGuardrail(queue, before, now, 5_000)).toMatchObject({ isEqual });
});

it.each<[string, GuardrailReading | undefined, GuardrailReading, string]>([
  ['unreachable', counts(1_000, 10), missing('unreachable'), 'could not be read: prometheus does not answer (why)'],
  ['stale', counts(1_000, 10), missing('stale'), 'could not be read: stale (why)'],
  ['a series that is gone', counts(1_000, 10), missing('empty'), 'could not be read: empty (why)'],
  ['a series that never was', missing('empty'), missing('empty'), 'could not be read: empty (why)'],
  ['without requests', counts(1_000, 10), counts(0, 0), 'it counted no requests'],
  [
    'bad, and unknown before',
    missing('unreachable'),
    counts(500, 100),
    'it is 20.00 % of 500, and what it was before the release could not be read',
  ],
])('a ratio that is %s is neither good nor bad', (_what, before, now, why) => {
  const judged = judgeGuardrail(answers, before, now, 5_000);
  expect(judged).toMatchObject({ object: 'guardrail answers of the baseline', why });
  expect(judged).not.toHaveProperty('isEqual');
});

it('asks what can be asked of the baseline: guardrails that say where the slot goes', () => {
  const metrics: readonly MetricRule[] = [
    answers,
    queue,
    { ...queue, name: 'whole', query: 'q' },
    { ...answers, name: 'told', guardrail: false },
    { name: 'errors', guardrail: true, kind: 'proxy-errors', limit: answers.limit },
  ];
  expect(bandRules(metrics).map(({ name }) => name)).toEqual(['answers', 'queue']);
});

it('says limit and time of what was read, and names what was not', () => {
  const before = { answers: counts(100, 1) };
  const readings = { answers: counts(100, 1) };
  const { lines, notShown } = judgeGuardrails(before, { rules: [answers, queue], readings, watchedMs: 5_000 });
  expect(lines).toEqual([
    {
      object: 'guardrail answers of the baseline',
      expected: 'at most 6.00 % for 5s',
      observed: '1.00 % of 100',
      isEqual: true,
    },
  ]);
  expect(notShownText(notShown)).toBe(
    '; not shown: guardrail queue of the baseline: could not be read: error (it was not asked)',
  );
  expect([notShownText([]), notShownText()]).toEqual(['', '']);
});
