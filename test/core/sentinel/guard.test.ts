import { guard, noMemory, servedBy, type GuardStep, type SeenSplit } from '../../../src/core/sentinel/guard';
import type { LeaseRecord } from '../../../src/core/sentinel/lease';

const common = { term: 1, release: 'r1', roles: { baseline: 'blue', canary: 'green' }, past: [] } as const;
const held = (phase: 'dark' | 'exposing' | 'promoting', ceilingPercent: number): LeaseRecord => ({
  ...common,
  state: 'held',
  phase,
  ceilingPercent,
  ttlMs: 1_000,
  expiresAtMs: 1_000,
});
const expired: LeaseRecord = { ...common, state: 'expired', sinceMs: 0 };
const ended = (serving: 'blue' | 'green'): LeaseRecord => ({
  ...common,
  state: 'ended',
  serving,
  guardUntilMs: 600_000,
});

/** Blue and green as weight and state, e.g. `95r 5r`: ready, `m`: maint, `d`: drain. */
const split = (text: string): SeenSplit => {
  const [blue, green] = text.split(' ').map((each) => ({
    weight: Number(each.slice(0, -1)),
    state: ({ r: 'ready', m: 'maint', d: 'drain' } as const)[each.slice(-1) as 'r' | 'm' | 'd'],
  }));
  if (blue === undefined || green === undefined) throw new Error(text);
  return { blue, green };
};

const shown = (step: GuardStep): string => {
  if (step.kind === 'alarm') return 'alarm';
  if (step.kind === 'leave') return 'leave';
  const of = ({ weight, state }: SeenSplit['blue']) => `${weight}${state[0]}`;
  return `${step.why}: ${of(step.split.blue)} ${of(step.split.green)}`;
};

const day = 86_400_000;
const above = { looksAbove: 1 };

it.each<[string, LeaseRecord, string, number, typeof above, string]>([
  ['a proper exposure is left alone', held('exposing', 5), '95r 5r', 0, noMemory, 'leave'],
  ['so is one that rounds up', held('exposing', 5), '94.6r 5.4r', 0, noMemory, 'leave'],
  [
    'a first look above the ceiling may be in the middle of a shift',
    held('exposing', 5),
    '75r 25r',
    0,
    noMemory,
    'leave',
  ],
  ['a second one is a late raise', held('exposing', 5), '75r 25r', 0, above, 'above-ceiling: 95r 5r'],
  [
    'all requests go to the canary when the baseline is out',
    held('exposing', 5),
    '95m 5r',
    0,
    above,
    'above-ceiling: 95r 5r',
  ],
  ['nobody new reaches a canary that drains', held('exposing', 5), '0r 50d', 0, above, 'leave'],
  ['nobody may reach a dark canary', held('dark', 0), '99r 1r', 0, above, 'above-ceiling: 100r 0r'],
  ['a dark slot may be ready', held('dark', 0), '100r 0r', 0, above, 'leave'],
  ['a promotion is not looked at', held('promoting', 99), '0m 100r', 0, above, 'leave'],
  ['a silent promotion alarms and is not undone', held('promoting', 99), '1r 99r', 1_000, noMemory, 'alarm'],
  ['an expired exposure is closed', expired, '50r 50r', 1_000, noMemory, 'expired: 100r 0m'],
  ['and its slot, too', expired, '100r 0r', 1_000, noMemory, 'expired: 100r 0m'],
  ['and its weight', expired, '100r 5m', 1_000, noMemory, 'expired: 100r 0m'],
  ['what is closed is left alone', expired, '100r 0m', 1_000, noMemory, 'leave'],
  ['an expiry of the day before yesterday says nothing of today', expired, '0m 100r', day, noMemory, 'alarm'],
  ['a late raise after a rollback is repaired', ended('blue'), '75r 25r', 1, noMemory, 'after-ending: 100r 0m'],
  ['a late closing after a promotion is repaired', ended('green'), '100r 0m', 1, noMemory, 'after-ending: 0m 100r'],
  ['after ten minutes it is only told', ended('blue'), '75r 25r', 600_000, noMemory, 'alarm'],
  ['a safe split is left alone', ended('green'), '0m 100r', 1, noMemory, 'leave'],
])('%s', (_what, record, seen, nowMs, memory, expected) => {
  expect(shown(guard(record, split(seen), memory, nowMs).step)).toBe(expected);
});

it('looks above the ceiling must be two in a row', () => {
  const first = guard(held('exposing', 5), split('50r 50r'), noMemory, 0).memory;
  const between = guard(held('exposing', 5), split('95r 5r'), first, 0).memory;
  expect([first.looksAbove, between.looksAbove]).toEqual([1, 0]);
});

it('a slot serves everybody and the other one is out', () => {
  expect(servedBy('green')).toEqual(split('0m 100r'));
});
