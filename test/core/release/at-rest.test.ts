import { atRest } from '../../../src/core/release/at-rest';
import type { SlotWorld, World } from '../../../src/core/release/snapshot';
import { sealed, world } from './sample';

const { blue, green } = world.slots;
const withSlots = (blueChange: Partial<SlotWorld>, greenChange: Partial<SlotWorld> = {}): World => ({
  ...world,
  slots: { blue: { ...blue, ...blueChange }, green: { ...green, ...greenChange } },
});
const withErrors = (requests: number, bad: number): World => ({ ...world, baselineErrors: { requests, bad } });
const greenServes = withSlots(
  { weight: 0, state: 'maint', running: false },
  { weight: 100, state: 'ready', version: '1.0.0', running: true },
);

it.each<[string, World, string]>([
  ['blue serves', world, 'blue'],
  ['green serves', greenServes, 'green'],
  ['the free slot has weight and takes no traffic', withSlots({}, { weight: 50 }), 'blue'],
  ['the free slot is ready and has no weight', withSlots({}, { state: 'ready' }), 'blue'],
  ['something old runs in the free slot', withSlots({}, { running: true, version: '0.9.0' }), 'blue'],
  ['nobody sends requests', withErrors(0, 0), 'blue'],
  ['too few requests fail to tell anything', withErrors(19, 19), 'blue'],
  ['the baseline can carry what comes, and a fifth more', { ...withSlots({ capacityRps: 720 }), loadRps: 600 }, 'blue'],
  ['just as many fail as may', withErrors(20, 4), 'blue'],
])('is at rest when %s', (_what, found, baseline) => {
  const canary = baseline === 'blue' ? 'green' : 'blue';
  expect(atRest(sealed.plan, found)).toEqual({ ok: true, roles: { baseline, canary } });
});

it.each<[string, World, readonly string[], RegExp]>([
  [
    'both slots serve',
    withSlots({ weight: 50 }, { weight: 50, state: 'ready' }),
    ['not-at-rest'],
    /blue 50 % ready, g/,
  ],
  ['no slot has weight', withSlots({ weight: 0 }), ['not-at-rest'], /^edge: exactly one slot must serve .* blue 0 %/],
  ['the slot with weight is in maintenance', withSlots({ state: 'maint' }), ['not-at-rest'], /blue 100 % maint/],
  ['the baseline is stopped', withSlots({ running: false }), ['baseline-not-running'], /^runner: nothing runs in blue/],
  [
    'the baseline cannot carry everybody',
    withSlots({ capacityPercent: 60 }),
    ['baseline-under-capacity'],
    /^runner: blue serves and has capacity for 60 %/,
  ],
  [
    'the baseline can carry fewer requests than come',
    { ...withSlots({ capacityRps: 500 }), loadRps: 600 },
    ['baseline-under-capacity'],
    /^runner: blue serves and has capacity for 500 requests\/s and needs 720: it would get 600. Users could not/,
  ],
  [
    'the proxy finds the baseline down',
    { ...world, baselineErrors: { requests: 0, bad: 0, isDown: true } },
    ['baseline-unhealthy'],
    /find blue, the slot that serves, down/,
  ],
  ['the baseline is sick', withErrors(20, 5), ['baseline-unhealthy'], /fails 5 of 20 requests/],
  [
    'an invariant is broken',
    { ...world, invariants: { a: 0, b: 3 } },
    ['invariant-broken'],
    /^Data invariant b returns 3/,
  ],
  [
    'all of it at once',
    { ...withSlots({ running: false }), baselineErrors: { requests: 100, bad: 100 }, invariants: { a: 1, b: 2 } },
    ['baseline-not-running', 'baseline-unhealthy', 'invariant-broken', 'invariant-broken'],
    /nothing runs in blue/,
  ],
])('is not at rest when %s', (_what, found, codes, message) => {
  const result = atRest(sealed.plan, found);
  const refusals = result.ok ? [] : result.refusals;
  expect(refusals.map(({ code }) => code)).toEqual(codes);
  expect(refusals[0]?.message).toMatch(message);
  for (const { kind, fix } of refusals) expect([kind, fix.length > 10]).toEqual(['denied', true]);
});
