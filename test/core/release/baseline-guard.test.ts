import { completeBefore, whyRestFor, type BaselineNow } from '../../../src/core/release/baseline-guard';
import type { BandRule, GuardrailReading } from '../../../src/core/release/guardrail-band';

const latency: BandRule = {
  name: 'latency',
  kind: 'value',
  guardrail: true,
  target: 'prometheus',
  query: 'p99{slot="$slot"}',
  max: 200,
};
const value = (of: number): GuardrailReading => ({ kind: 'value', value: of });
const missing = (reason: 'empty' | 'unreachable'): GuardrailReading => ({ kind: 'missing', reason, detail: 'told so' });
const now = (reading: GuardrailReading, errors?: BaselineNow['errors']): BaselineNow => ({
  readings: { latency: reading },
  watchedMs: 15_000,
  ...(errors === undefined ? {} : { errors }),
});
const why = (before: GuardrailReading, then: BaselineNow) =>
  whyRestFor([latency], { readings: { latency: before }, errors: { requests: 1_000, bad: 10 } }, then);

it.each<readonly [string, GuardrailReading, BaselineNow, RegExp]>([
  ['a guardrail is broken', value(50), now(value(300)), /guardrail latency of the baseline is 300, more than/],
  ['it cannot be read any more', value(50), now(missing('unreachable')), /prometheus does not answer/],
  ['it is not known what it was', missing('unreachable'), now(value(300)), /before the release could not be read/],
  [
    'the baseline answers badly',
    value(50),
    now(value(50), { requests: 500, bad: 50 }),
    /errors of the baseline are 10\.00 % of 500/,
  ],
  [
    'the proxy finds it down',
    value(50),
    now(value(50), { requests: 0, bad: 0, isDown: true }),
    /finds the baseline down/,
  ],
])('a backfill rests while %s', (_, before, then, message) => {
  expect(why(before, then)).toMatch(message);
});

it.each<readonly [string, GuardrailReading, BaselineNow]>([
  ['all is as it was', value(50), now(value(60), { requests: 1_000, bad: 12 })],
  ['it is as bad as it was before', value(300), now(value(290))],
  ['nobody uses it', value(50), now({ kind: 'counts', requests: 0, bad: 0 }, { requests: 0, bad: 0 })],
  ['the baseline never had this metric', missing('empty'), now(missing('empty'))],
])('a backfill goes on while %s', (_, before, then) => {
  expect(why(before, then)).toBeUndefined();
});

it('what could not be read at first is completed by what is read before anything is changed', () => {
  const first = completeBefore(undefined, now(missing('unreachable')));
  const second = completeBefore(first, now(value(50), { requests: 10, bad: 1 }));
  expect(second).toEqual({ readings: { latency: value(50) }, errors: { requests: 10, bad: 1 } });
  expect(completeBefore(second, now(value(900), { requests: 10, bad: 9 }))).toEqual(second);
});
