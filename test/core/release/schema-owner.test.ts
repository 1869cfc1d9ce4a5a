import type { Effect } from '../../../src/core/plan/effects';
import { mayBeTheirs } from '../../../src/core/release/schema-owner';

const migrate = (sql: string, undo = 'alter table orders drop note', target = 'orders'): Effect => ({
  kind: 'migrate',
  key: 'migrate/003/expand',
  target,
  migration: '003',
  part: 'expand',
  apply: { path: '003.sql', sql, sha256: 'a' },
  undo: { path: '003.undo.sql', sql: undo, sha256: 'b' },
});
const addNote = migrate(
  'alter table public.orders add column note text unique; create index note_words on public.orders (note)',
);

it.each([
  ['the table that is changed', 'table public.orders', true],
  ['an index that is named', 'index public.note_words', true],
  ['an index that PostgreSQL makes up', 'index public.orders_note_key', true],
  ['a constraint of the table', 'constraint public.orders.orders_note_key', true],
  ['a sequence of the table', 'sequence public.orders_id_seq', true],
  ['a trigger that somebody put on the table', 'trigger public.orders.audit', true],
  ['a made-up name that was shortened', `index public.${'x'.repeat(59)}`, true],
  ['a name that is not understood', 'table orders', true],
  ['a schema', 'schema public', true],
  ['another table', 'table public.stock', false],
  ['a table whose name only begins alike', 'table public.ordersarchive', false],
  ['a function of another team', 'function public.stock_level(item integer)', false],
  ['an index of another table', 'index public.stock_pkey', false],
])('%s: may be theirs %#', (_, object, isTheirs) => {
  expect(mayBeTheirs([addNote], 'orders')(object)).toBe(isTheirs);
});

it.each([
  ['drops what hangs on it', 'drop view totals cascade'],
  ['runs a block', 'do $$ begin null; end $$'],
  ['builds its SQL', "create function f() returns void language plpgsql as $$ begin execute 'x'; end $$"],
  ['calls a procedure', 'call make_partitions()'],
  ['selects for the sake of what that does', 'alter table orders add note text; select make_partitions()'],
])('takes everything for theirs where the SQL %s', (_, sql) => {
  expect(mayBeTheirs([migrate(sql)], 'orders')('table public.stock')).toBe(true);
});

it('does not read comments, nor the SQL for another database', () => {
  const commented = migrate('-- like stock\nalter table orders /* or call it stock */ add note text');
  const elsewhere = migrate('alter table stock add note text', 'alter table stock drop note', 'stock');
  expect(mayBeTheirs([commented, elsewhere], 'orders')('table public.stock')).toBe(false);
  expect(mayBeTheirs([commented, elsewhere], 'stock')('table public.stock')).toBe(true);
});
