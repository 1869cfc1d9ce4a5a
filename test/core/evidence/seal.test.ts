import fc from 'fast-check';
import { sealPlan, sealSlots, verifyEffect, verifySeal, verifySlots } from '../../../src/core/evidence/seal';
import type { SealedPlan } from '../../../src/core/plan/plan';
import { everything, planOf } from '../plan/shop-sources';

const seed = 20261121;
const key = new Uint8Array(32).fill(7);
const binding = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'run-1' };
const sealed = sealPlan(key, planOf({ descriptor: everything }), binding);
const slots = { baseline: 'blue', canary: 'green' } as const;

type Path = readonly (string | number)[];
const leaves = (value: unknown, path: Path = []): readonly Path[] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]))
    : [path];

/** A copy with the one value at `path` changed to another of the same type. */
function mutated<T>(value: T, path: Path): T {
  const copy = structuredClone(value);
  let parent = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) parent = parent[name] as Record<string, unknown>;
  const name = path.at(-1) ?? '';
  const old = parent[name];
  parent[name] = typeof old === 'string' ? `${old}x` : typeof old === 'number' ? old + 1 : old !== true;
  return copy;
}

const everyLeaf = (value: unknown, isRefused: (path: Path) => void): void =>
  fc.assert(
    fc.property(fc.constantFrom(...leaves(value)), (path) => isRefused(path)),
    { seed, numRuns: 300 },
  );

it('accepts what it sealed, also after a trip through JSON', () => {
  const again = JSON.parse(JSON.stringify(sealed)) as SealedPlan;
  expect(verifySeal(key, again)).toBe(true);
  for (const item of [...again.effects, ...again.contract]) expect(verifyEffect(key, again.seal, item)).toBe(true);
});

it('refuses a sealed plan in which any one value differs', () => {
  everyLeaf(sealed, (path) => expect(verifySeal(key, mutated(sealed, path))).toBe(false));
});

it('refuses an effect in which any one value differs', () => {
  for (const item of [...sealed.effects, ...sealed.contract]) {
    for (const path of leaves(item)) expect(verifyEffect(key, sealed.seal, mutated(item, path))).toBe(false);
  }
});

it('refuses an effect under a seal in which any one value differs', () => {
  for (const path of leaves(sealed.seal)) {
    for (const item of sealed.effects) expect(verifyEffect(key, mutated(sealed.seal, path), item)).toBe(false);
  }
});

it('refuses a plan from which an effect is taken away, added or moved', () => {
  const [first, ...rest] = sealed.effects;
  expect(verifySeal(key, { ...sealed, effects: rest })).toBe(false);
  expect(verifySeal(key, { ...sealed, effects: [...sealed.effects, ...sealed.contract] })).toBe(false);
  expect(verifySeal(key, { ...sealed, effects: [...rest, ...(first === undefined ? [] : [first])] })).toBe(false);
});

it("refuses another worker's key", () => {
  const other = new Uint8Array(32).fill(8);
  expect(verifySeal(other, sealed)).toBe(false);
  expect(sealed.effects.some((item) => verifyEffect(other, sealed.seal, item))).toBe(false);
});

it('refuses another environment than the plan was made for', () => {
  expect(verifySeal(key, sealPlan(key, sealed.plan, { ...binding, environment: 'production' }))).toBe(false);
});

it.each([undefined, null, 7, '', 'x'.repeat(64), {}])('refuses %j in place of a MAC', (mac) => {
  expect(verifySeal(key, { ...sealed, mac: mac as string })).toBe(false);
});

it('refuses slots that are swapped, or sealed for another release', () => {
  const mac = sealSlots(key, sealed.seal, slots);
  expect(verifySlots(key, sealed.seal, { slots, mac })).toBe(true);
  expect(verifySlots(key, sealed.seal, { slots: { baseline: 'green', canary: 'blue' }, mac })).toBe(false);
  expect(verifySlots(key, { ...sealed.seal, firstRunId: 'run-2' }, { slots, mac })).toBe(false);
});

it('never lets a MAC of one domain stand for another', () => {
  expect(verifySlots(key, sealed.seal, { slots, mac: sealed.mac })).toBe(false);
  const content = { effect: sealed.effects[0]?.effect, slots };
  expect(new Set([sealed.mac, sealed.effects[0]?.mac, sealSlots(key, sealed.seal, content.slots)]).size).toBe(3);
});

it('refuses to work with a key of less than 32 bytes', () => {
  expect(() => sealPlan(new Uint8Array(31), sealed.plan, binding)).toThrow('31 bytes');
});
