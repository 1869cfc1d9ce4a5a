import fc from 'fast-check';
import type { Effect } from '../../../src/core/plan/effects';
import { proveRestored } from '../../../src/core/release/proof';
import type { SlotWorld, World } from '../../../src/core/release/snapshot';
import { sealed, snapshot, world } from './sample';

const release = 'run-1';
const all = sealed.plan.effects;
const prove = (now: World, touched: readonly Effect[] = all) => proveRestored(snapshot, now, touched, { release });
const slot = (name: 'blue' | 'green', change: Partial<SlotWorld>): World => ({
  ...world,
  slots: { ...world.slots, [name]: { ...world.slots[name], ...change } },
});
const schema = (orders: World['schemas'][string]): World => ({ ...world, schemas: { ...world.schemas, orders } });
const errors = (requests: number, bad: number): World => ({ ...world, baselineErrors: { requests, bad } });
const flags = (switches: World['flags'][string]): World => ({ ...world, flags: { switches } });

it('holds for a world that is as it was, line by line, without drift', () => {
  const proof = prove(world);
  expect(proof).toMatchObject({ isRestored: true, drift: [] });
  expect(proof.lines.map(({ object }) => object)).toEqual([
    'traffic to blue (baseline)',
    'traffic to green (canary)',
    'version in blue',
    'version in green',
    'schema orders',
    'configuration limits green',
    'flag switches/two-names',
    'flag switches/stop-checkout',
    'data invariant no-order-lost',
    'errors of the baseline',
  ]);
});

it.each<[string, World]>([
  ['the free slot was drained and stopped', slot('green', { version: '2.0.0', release })],
  ['the free slot runs what it ran before', slot('green', { running: true, release: null })],
  ['nobody sends requests', errors(0, 0)],
  ['the baseline fails a little more than before', errors(1_000, 20)],
])('holds when %s', (_what, now) => {
  expect(prove(now).isRestored).toBe(true);
});

it('does not hold when the baseline answered before and runs without answering, unless nobody asked it then', () => {
  const hangs = slot('blue', { isReady: false });
  const asked = { ...snapshot, world: slot('blue', { isReady: true }) };
  const { lines } = proveRestored(asked, hangs, all, { release });
  expect(lines.filter(({ isEqual }) => !isEqual)).toMatchObject([
    { object: 'version in blue', expected: '1.0.0 running', observed: '1.0.0 running, does not answer' },
  ]);
  expect(prove(hangs).isRestored).toBe(true);
});

it.each<[string, World, string, string]>([
  ['the baseline lacks traffic', slot('blue', { weight: 95 }), 'traffic to blue (baseline)', '95 % ready'],
  ['the baseline is in maintenance', slot('blue', { state: 'maint' }), 'traffic to blue (baseline)', '100 % maint'],
  ['the canary has traffic', slot('green', { weight: 5 }), 'traffic to green (canary)', '5 % maint'],
  ['the canary is ready', slot('green', { state: 'ready' }), 'traffic to green (canary)', '0 % ready'],
  ['the baseline stopped', slot('blue', { running: false }), 'version in blue', '1.0.0 stopped'],
  ['the baseline is another', slot('blue', { version: '1.0.1' }), 'version in blue', '1.0.1 running'],
  [
    'the canary still runs',
    slot('green', { running: true, release, version: '2.0.0' }),
    'version in green',
    '2.0.0 of this release runs',
  ],
  ['another release runs', slot('green', { running: true, release: 'run-2' }), 'release in green', 'run-2'],
  ['a table is another', schema({ 'table orders': 'd9' }), 'schema orders: table orders', 'd9'],
  ['a table is gone', schema({}), 'schema orders: table orders', 'absent'],
  ['a table was left', schema({ 'table orders': 'd1', 'table x': 'd3' }), 'schema orders: table x', 'd3'],
  ['a schema was not read', { ...world, schemas: {} }, 'schema orders', 'unread'],
  [
    'the configuration is another',
    { ...world, configuration: { limits: { blue: 'c1', green: 'c2' } } },
    'configuration limits green',
    'c2',
  ],
  ['the configuration was not read', { ...world, configuration: {} }, 'configuration limits green', 'unread'],
  ['a flag was left', flags({ 'two-names': [true], 'stop-checkout': [true] }), 'flag switches/two-names', 'true'],
  ['a flag is gone', flags({ 'two-names': null, 'stop-checkout': null }), 'flag switches/stop-checkout', 'absent'],
  ['a flag was not read', flags({ 'two-names': null }), 'flag switches/stop-checkout', 'unread'],
  [
    'an invariant is broken',
    { ...world, invariants: { 'no-order-lost': 2 } },
    'data invariant no-order-lost',
    '2 viol',
  ],
  ['an invariant was not read', { ...world, invariants: {} }, 'data invariant no-order-lost', 'unread violations'],
  ['the baseline is sick', errors(1_000, 30), 'errors of the baseline', '3.00 % of 1000'],
])('does not hold when %s, and names it alone', (_what, now, object, observed) => {
  const proof = prove(now);
  expect(proof.isRestored).toBe(false);
  const wrong = proof.lines.filter(({ isEqual }) => !isEqual);
  expect(wrong.map((line) => line.object)).toEqual([object]);
  expect(wrong[0]?.observed).toContain(observed);
  expect(wrong[0]?.observed).not.toBe(wrong[0]?.expected);
});

it('finds no empty schema where none was read', () => {
  const empty = { ...snapshot, world: schema({}) };
  expect(proveRestored(empty, schema({}), all, { release }).isRestored).toBe(true);
  expect(proveRestored(empty, { ...world, schemas: {} }, all, { release }).isRestored).toBe(false);
});

it.each<[string, World, readonly string[]]>([
  ['a schema', schema({ 'table orders': 'd9' }), ['schema orders: table orders']],
  [
    'a configuration of both slots',
    { ...world, configuration: { limits: { blue: 'c9', green: 'c9' } } },
    ['configuration limits green', 'configuration limits blue'],
  ],
  ['a flag', flags({ 'two-names': [1], 'stop-checkout': [true] }), ['flag switches/two-names']],
])('tells %s that the journal does not hold as drift', (_what, now, objects) => {
  const proof = prove(now, []);
  expect(proof.isRestored).toBe(true);
  expect(proof.drift.map(({ object }) => object)).toEqual(objects);
});

it('tells as drift what another team changed in the same database, and nothing that may be its own', () => {
  const before = { 'table public.orders': 'd1', 'table public.stock': 'd2' };
  const prove2 = (now: World['schemas'][string]) =>
    proveRestored({ ...snapshot, world: schema(before) }, schema(now), all, { release });
  const others = prove2({ ...before, 'table public.stock': 'd9', 'table public.wishes': 'd3' });
  expect(others.isRestored).toBe(true);
  expect(others.drift.map(({ object }) => object)).toEqual([
    'schema orders: table public.stock',
    'schema orders: table public.wishes',
  ]);
  expect(prove2({ ...before, 'table public.orders': 'd9' })).toMatchObject({ isRestored: false, drift: [] });
});

it('tells another configuration of the baseline as drift even when the canary has its own back', () => {
  const proof = prove({ ...world, configuration: { limits: { blue: 'c9', green: 'absent' } } });
  expect(proof.isRestored).toBe(true);
  expect(proof.drift.map(({ object }) => object)).toEqual(['configuration limits blue']);
});

it('speaks of green as the baseline where green served', () => {
  const swapped = { world, roles: { baseline: 'green', canary: 'blue' } } as const;
  const proof = proveRestored(swapped, world, [], { release });
  expect(proof.isRestored).toBe(false);
  expect(proof.lines[0]).toMatchObject({ object: 'traffic to green (baseline)', observed: '0 % maint' });
});

it('never holds by touching less: what is drift for some effects is a line for more', () => {
  const digest = fc.constantFrom('d1', 'd2', 'absent');
  const anyWorld = fc
    .record({ orders: digest, green: digest, on: fc.boolean(), requests: fc.nat(50) })
    .map(({ orders, green, on, requests }): World => ({
      ...schema({ 'table orders': orders }),
      configuration: { limits: { blue: 'c1', green } },
      flags: { switches: { 'two-names': on ? [on] : null, 'stop-checkout': [true] } },
      baselineErrors: { requests, bad: 0 },
    }));
  fc.assert(
    fc.property(anyWorld, fc.subarray([...all]), (now, touched) => {
      const some = prove(now, touched);
      const most = prove(now);
      expect(some.isRestored).toBe(some.lines.every(({ isEqual }) => isEqual));
      expect(some.drift.some(({ isEqual }) => isEqual)).toBe(false);
      if (most.isRestored) expect(some).toMatchObject({ isRestored: true, drift: [] });
      const wrong = [...some.lines.filter(({ isEqual }) => !isEqual), ...some.drift].map(({ object }) => object);
      expect(wrong.sort()).toEqual(most.lines.flatMap((line) => (line.isEqual ? [] : [line.object])).sort());
    }),
    { seed: 20261121 },
  );
});

describe('a kill switch that somebody else threw', () => {
  const key = 'flag/switches/stop-checkout';
  const thrown = flags({ 'two-names': null, 'stop-checkout': ['by hand'] });
  const left = (now: World, leftSwitches: readonly string[], touched = all) =>
    proveRestored(snapshot, now, touched, { release, leftSwitches });

  it('is named beside a proof that holds for everything else', () => {
    const proof = left(thrown, [key]);
    expect(proof).toMatchObject({
      isRestored: true,
      drift: [],
      left: [{ effect: key, object: 'flag switches/stop-checkout', expected: 'true', observed: '"by hand"' }],
    });
    expect(proof.lines.map(({ object }) => object)).not.toContain('flag switches/stop-checkout');
  });

  it.each<[string, World, readonly string[]]>([
    ['nobody is known to have thrown it', thrown, []],
    ['it was not read', flags({ 'two-names': null }), [key]],
    ['another flag is not as before', flags({ 'two-names': [true], 'stop-checkout': ['by hand'] }), [key]],
  ])('is no excuse when %s', (_what, now, keys) => {
    expect(left(now, keys).isRestored).toBe(false);
  });

  it('is not told where it reads as before, and is drift where the release never touched it', () => {
    expect(left(world, [key]).left).toBeUndefined();
    const proof = left(thrown, [key], []);
    expect([proof.left, proof.drift.map(({ object }) => object)]).toEqual([undefined, ['flag switches/stop-checkout']]);
  });
});
