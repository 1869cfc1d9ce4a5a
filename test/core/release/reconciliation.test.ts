import { describeReconciliation, judgeOldForm } from '../../../src/core/release/reconciliation';

const bucket = (rows: number, checksum: string, writtenSince = 0) => ({ bucket: 1, rows, checksum, writtenSince });
const change = (before: readonly ReturnType<typeof bucket>[], now: readonly ReturnType<typeof bucket>[]) => ({
  id: 'm/name',
  table: 'orders',
  before,
  now,
});

it.each([
  ['nothing changed', [bucket(5, '1')], [bucket(5, '1')], 0],
  ['users wrote', [bucket(5, '1')], [bucket(6, '2', 1)], 0],
  ['users deleted', [bucket(5, '1')], [bucket(4, '2')], 0],
  ['a table that was empty is not any more', [], [bucket(1, '2', 1)], 0],
  ['rows changed and nobody but the undo wrote', [bucket(5, '1')], [bucket(5, '2')], 1],
  ['rows came and nobody but the undo wrote', [bucket(5, '1')], [bucket(6, '2')], 1],
  ['every row is gone', [bucket(5, '1')], [], 1],
])('the old form after an undo: %s', (_what, before, now, damaged) => {
  expect(judgeOldForm(change(before, now)).damaged).toBe(damaged);
});

it('is told with counts, checksums and keys, and never with a value', () => {
  const sum = { rows: 1_000, checksum: '4711' };
  const found = { id: 'm/name', table: 'orders', rows: 1_000, old: sum, new: sum, differing: 0, keys: [] };
  expect(describeReconciliation(found)).toBe('m/name: 1,000 rows of orders, both forms agree (checksum 4711)');
  expect(describeReconciliation({ ...found, differing: 3, keys: ['3', '12'] })).toBe(
    'm/name: 3 of 1,000 rows of orders differ (keys 3, 12, …)',
  );
});
