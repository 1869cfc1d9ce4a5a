import fc from 'fast-check';
import { chainRecords, chainStart, verifyChain } from '../../../src/core/evidence/chain';
import type { EvidenceRecord } from '../../../src/core/evidence/record';

const seed = 20261121;
const record = (seq: number): EvidenceRecord => ({
  seq,
  at: '2026-11-21T12:00:00.000Z',
  type: 'effect',
  actor: 'worker',
  detail: { effect: `e${seq}`, counts: [1, 2], ok: true },
});
const records = [1, 2, 3, 4, 5].map(record);
const chain = chainRecords(chainStart, records);

it('holds for what was chained, in one go or in parts', () => {
  expect(verifyChain(chain)).toEqual({ ok: true, head: chain[4]?.hash });
  const first = chainRecords(chainStart, records.slice(0, 2));
  expect([...first, ...chainRecords(first[1]?.hash ?? '', records.slice(2))]).toEqual(chain);
});

it('holds when the keys of a detail come back in another order', () => {
  const reordered = chain.map((item) => ({
    ...item,
    detail: Object.fromEntries(Object.entries(item.detail).reverse()),
  }));
  expect(verifyChain(reordered).ok).toBe(true);
});

it('of nothing holds and ends where it starts', () => {
  expect(verifyChain([])).toEqual({ ok: true, head: chainStart });
});

it.each([
  ['is changed', chain.map((item) => (item.seq === 3 ? { ...item, actor: 'mallory' } : item)), 3],
  ['is taken out', chain.filter((item) => item.seq !== 3), 3],
  ['is taken out and the rest renumbered', chain.filter((i) => i.seq !== 3).map((i, at) => ({ ...i, seq: at + 1 })), 3],
  ['is put in twice', [...chain.slice(0, 3), ...chain.slice(2)], 4],
  ['changes places', [chain[0]!, chain[2]!, chain[1]!], 2],
  ['at the start is cut off', chain.slice(1), 1],
  [
    'is rewritten with its own hash',
    [chain[0]!, ...chainRecords(chain[0]!.hash, [{ ...record(2), actor: 'm' }]), ...chain.slice(2)],
    3,
  ],
])('names the first bad seq when a record %s', (_what, forged, seq) => {
  expect(verifyChain(forged)).toMatchObject({ ok: false, seq });
});

it('names the very record in which any field is changed', () => {
  const field = fc.constantFrom('at', 'type', 'actor', 'previous', 'hash', 'detail', 'seq');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), field, (seq, name) => {
      const forged = chain.map((item) =>
        item.seq === seq
          ? { ...item, [name]: name === 'detail' ? { effect: 'x' } : name === 'seq' ? 9 : `${item[name]}x` }
          : item,
      );
      expect(verifyChain(forged)).toMatchObject({ ok: false, seq });
    }),
    { seed },
  );
});
