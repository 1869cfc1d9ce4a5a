import type { Client } from 'pg';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { renameColumn, retypeColumn } from '../../src/core/migration-writer/changes';
import { backfill, changes, connectTo, ordersTable, rowsOf, sqlOf, subjectOf } from './written';

let postgres: TestPostgres;
let client: Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = await connectTo(await postgres.createDatabase('semantics'));
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

// Each case lives in a transaction that is rolled back, roles included.
beforeEach(() => client.query('begin'));
afterEach(() => client.query('rollback'));

type Kind = keyof typeof changes;

/** A table with the rows given, expanded and filled. */
async function expanded(kind: Kind, rows = '', { isFilled = true, create = ordersTable } = {}): Promise<void> {
  await client.query(create);
  if (rows !== '') await client.query(rows);
  await client.query(sqlOf(changes[kind], 'expand'));
  await client.query('set local search_path = public');
  if (isFilled) await backfill(client, changes[kind]);
}

const columnsOf: { readonly [kind in Kind]: string } = {
  rename: 'name, title',
  'rename of a column that may be null': 'note, remark',
  split: 'name, given, family',
  retype: 'total, total_big::text',
  'not-null': 'note, remark',
};

const valuesOf = async (kind: Kind): Promise<readonly unknown[]> =>
  Object.values((await rowsOf(client, `select ${columnsOf[kind]} from orders order by id desc limit 1`))[0] ?? {});

describe('an insert', () => {
  it.each<[Kind, string, string, readonly unknown[]]>([
    ['rename', 'the old form', `(name) values ('a')`, ['a', 'a']],
    ['rename', 'the new form', `(title) values ('b')`, ['b', 'b']],
    ['rename', 'both, the same', `(name, title) values ('a', 'a')`, ['a', 'a']],
    ['rename', 'both, and they disagree: the new one wins', `(name, title) values ('a', 'b')`, ['b', 'b']],
    ['rename', 'neither: the default of the old form', `(total) values (1)`, ['Nemo', 'Nemo']],
    ['rename of a column that may be null', 'neither', `(total) values (1)`, [null, null]],
    ['rename of a column that may be null', 'the old form', `(note) values ('a')`, ['a', 'a']],
    ['rename of a column that may be null', 'a null in the new form', `(remark) values (null)`, [null, null]],
    ['split', 'the old form', `(name) values ('Ada King Lovelace')`, ['Ada King Lovelace', 'Ada', 'King Lovelace']],
    ['split', 'the new form', `(given, family) values ('Mary Ann', 'Lee')`, ['Mary Ann Lee', 'Mary Ann', 'Lee']],
    ['split', 'an old form in odd spelling', `(name) values (' odd  name ')`, [' odd  name ', '', 'odd  name ']],
    [
      'split',
      'both, one giving the other',
      `(name, given, family) values ('Mary Ann Lee', 'Mary Ann', 'Lee')`,
      ['Mary Ann Lee', 'Mary Ann', 'Lee'],
    ],
    ['retype', 'the old form', `(total) values (7)`, [7, '7']],
    ['retype', 'a new value that fits', `(total_big) values (8)`, [8, '8']],
    ['retype', 'a new value that does not fit', `(total_big) values (5000000000)`, [2147483647, '5000000000']],
    ['retype', 'a new value below all old ones', `(total_big) values (-5000000000)`, [-2147483648, '-5000000000']],
    ['not-null', 'a null of the old version', `(note) values (null)`, [null, 'none']],
    ['not-null', 'a value of the old version', `(note) values ('a')`, ['a', 'a']],
    ['not-null', 'a value of the new version', `(remark) values ('b')`, ['b', 'b']],
  ])('%s: %s', async (kind, _what, insert, expected) => {
    await expanded(kind);
    await client.query(`insert into orders ${insert}`);
    expect(await valuesOf(kind)).toEqual(expected);
  });
});

describe('an update', () => {
  const row = `insert into orders (name, total, note) values ('Ada Lovelace', 1, 'n')`;
  it.each<[Kind, string, string, readonly unknown[]]>([
    ['rename', 'the old form', `name = 'b'`, ['b', 'b']],
    ['rename', 'the new form', `title = 'b'`, ['b', 'b']],
    ['rename', 'both, the same', `name = 'b', title = 'b'`, ['b', 'b']],
    ['rename', 'both, and they disagree: the new one wins', `name = 'b', title = 'c'`, ['c', 'c']],
    ['rename', 'the old form as it was, the new one changed', `name = name, title = 'c'`, ['c', 'c']],
    ['rename', 'the new form as it was, the old one changed', `name = 'c', title = title`, ['c', 'c']],
    ['rename', 'the old form as it was', `name = name`, ['Ada Lovelace', 'Ada Lovelace']],
    ['rename', 'neither', `touched = 1`, ['Ada Lovelace', 'Ada Lovelace']],
    ['rename', 'the default', `name = default`, ['Nemo', 'Nemo']],
    ['rename of a column that may be null', 'null in the new form', `remark = null`, [null, null]],
    ['rename of a column that may be null', 'null in the old form', `note = null`, [null, null]],
    [
      'rename of a column that may be null',
      'null in the new form and a value in the old: the new one wins',
      `remark = null, note = 'x'`,
      [null, null],
    ],
    ['split', 'one of the new columns', `given = 'Eve'`, ['Eve Lovelace', 'Eve', 'Lovelace']],
    ['split', 'the old form', `name = 'Eve Mary Bond'`, ['Eve Mary Bond', 'Eve', 'Mary Bond']],
    [
      'split',
      'the old form, to what the new one gives already',
      `name = 'Ada Lovelace'`,
      ['Ada Lovelace', 'Ada', 'Lovelace'],
    ],
    ['retype', 'a new value that does not fit', `total_big = 5000000000`, [2147483647, '5000000000']],
    ['not-null', 'null in the old form', `note = null`, [null, 'none']],
    ['not-null', 'the new form', `remark = 'm'`, ['m', 'm']],
  ])('%s: %s', async (kind, _what, assignment, expected) => {
    await expanded(kind, row);
    await client.query(`update orders set ${assignment}`);
    expect(await valuesOf(kind)).toEqual(expected);
  });

  it.each<[Kind, string, readonly unknown[]]>([
    ['rename', `title = 'b'`, ['b', 'b']],
    ['rename', `name = 'b'`, ['b', 'b']],
    ['rename', `touched = 1`, ['Ada Lovelace', 'Ada Lovelace']],
    ['rename of a column that may be null', `remark = 'b'`, ['b', 'b']],
    ['rename of a column that may be null', `note = null`, [null, null]],
    ['split', `given = 'Eve'`, ['Eve Lovelace', 'Eve', 'Lovelace']],
    ['split', `given = 'Eve', name = 'Bo Derek'`, ['Eve Lovelace', 'Eve', 'Lovelace']],
    ['split', `name = 'Eve Mary Bond'`, ['Eve Mary Bond', 'Eve', 'Mary Bond']],
    ['retype', `total_big = 5000000000`, [2147483647, '5000000000']],
    ['not-null', `touched = 1`, ['n', 'n']],
    ['not-null', `note = null`, [null, 'none']],
  ])('%s: a row that is not filled yet, %s', async (kind, assignment, expected) => {
    await expanded(kind, row, { isFilled: false });
    await client.query(`update orders set ${assignment}`);
    expect(await valuesOf(kind)).toEqual(expected);
  });

  it('leaves a division alone that the old form cannot give back', async () => {
    await expanded('split');
    await client.query(`insert into orders (given, family) values ('Mary Ann', 'Lee')`);
    await client.query(`update orders set touched = 1, name = name`);
    expect(await valuesOf('split')).toEqual(['Mary Ann Lee', 'Mary Ann', 'Lee']);
  });

  it('gives a value that does not fit back to the old version only when that writes', async () => {
    await expanded('retype');
    await client.query('insert into orders (total_big) values (5000000000)');
    await client.query('update orders set touched = 1');
    expect(await valuesOf('retype')).toEqual([2147483647, '5000000000']);
    await client.query('update orders set total = total - 1');
    expect(await valuesOf('retype')).toEqual([2147483646, '2147483646']);
  });
});

describe('whatever way a row comes', () => {
  it('an upsert by either version reaches both forms', async () => {
    await expanded('rename', `insert into orders (id, name) values (1, 'a')`);
    const upsert = (column: string, value: string) =>
      client.query(
        `insert into orders (id, ${column}) values (1, $1) on conflict (id) do update set ${column} = excluded.${column}`,
        [value],
      );
    await upsert('name', 'b');
    expect(await valuesOf('rename')).toEqual(['b', 'b']);
    await upsert('title', 'c');
    expect(await valuesOf('rename')).toEqual(['c', 'c']);
  });

  it('rows that replication applies get their new form, and a row with both keeps them', async () => {
    await expanded('split');
    await client.query('set local session_replication_role = replica');
    await client.query(`insert into orders (name) values ('Ada Lovelace')`);
    expect(await valuesOf('split')).toEqual(['Ada Lovelace', 'Ada', 'Lovelace']);
    await client.query(`insert into orders (name, given, family) values ('Mary Ann Lee', 'Mary Ann', 'Lee')`);
    expect(await valuesOf('split')).toEqual(['Mary Ann Lee', 'Mary Ann', 'Lee']);
  });

  it('a search path with other functions and operators changes nothing', async () => {
    await expanded('split');
    await client.query(`create schema evil;
      create function evil.split_part(text, text, integer) returns text language sql as $$ select 'evil' $$;
      create function evil.substr(text, integer) returns text language sql as $$ select 'evil' $$`);
    await client.query('set local search_path = evil, pg_catalog');
    await client.query(`insert into public.orders (name) values ('Ada Lovelace')`);
    await client.query('set local search_path = public');
    expect(await valuesOf('split')).toEqual(['Ada Lovelace', 'Ada', 'Lovelace']);
  });

  it('a role that may only see its own columns writes both forms', async () => {
    await expanded('rename');
    await client.query(
      `create role old_code; grant insert (name, total), update (name) on orders to old_code; set local role old_code`,
    );
    await client.query(`insert into orders (name) values ('a')`);
    await client.query(`update orders set name = 'b'`);
    await client.query('reset role');
    expect(await valuesOf('rename')).toEqual(['b', 'b']);
  });

  it('a trigger that changes the old form first is followed, and generated columns too', async () => {
    await expanded('rename');
    await client.query(`create function shout() returns trigger language plpgsql as $$ begin new.name := upper(new.name); return new; end $$;
      create trigger shout before insert or update on orders for each row execute function shout();
      alter table orders add column size integer generated always as (length(title)) stored`);
    await client.query(`insert into orders (name) values ('abc')`);
    expect(await valuesOf('rename')).toEqual(['ABC', 'ABC']);
    expect(await rowsOf(client, 'select size from orders')).toEqual([{ size: 3 }]);
    await client.query(`update orders set name = 'abcd'`);
    expect(await rowsOf(client, 'select title, size from orders')).toEqual([{ title: 'ABCD', size: 4 }]);
  });

  it('a partitioned table keeps both forms, also where an update moves the row', async () => {
    const partitioned = `create table public.orders (id bigint, name text not null, total integer not null, note text, touched integer default 0) partition by range (total);
      create table orders_low partition of orders for values from (0) to (10);
      create table orders_high partition of orders for values from (10) to (100)`;
    const row = `insert into orders (id, name, total) values (1, 'Ada Lovelace', 1)`;
    await expanded('split', row, { isFilled: false, create: partitioned });
    await client.query(`update orders set name = 'Eve Bond', total = 20`);
    expect(await valuesOf('split')).toEqual(['Eve Bond', 'Eve', 'Bond']);
    await client.query(`update orders_high set given = 'Mary Ann', total = 20`);
    await client.query(`update orders set total = 2`);
    expect(await valuesOf('split')).toEqual(['Mary Ann Bond', 'Mary Ann', 'Bond']);
    await client.query(sqlOf(changes.split, 'contract'));
    expect(await rowsOf(client, sqlOf(changes.split, 'contract.check'))).toEqual([]);
  });
});

describe('a change of type by itself', () => {
  type Case = readonly [from: string, to: string, old: string, fresh: string, stored: string, back: string];
  /** Old value and what it becomes, then a new value and what the old column gets of it. */
  it.each<Case>([
    ['integer', 'numeric(12,2)', '7', '7.00', '5000000000.55', '2147483647'],
    ['smallint', 'integer', '-3', '-3', '-70000', '-32768'],
    ['bigint', 'integer', '9', '9', '8', '8'],
    ['character varying(5)', 'text', 'abc', 'abc', 'abcdefg', 'abcde'],
    ['text', 'character varying(5)', 'abc', 'abc', 'xyz', 'xyz'],
    ['text', 'integer', '12', '12', '13', '13'],
    [
      'text',
      'uuid',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    ],
    [
      'timestamp',
      'timestamp with time zone',
      '2026-01-02 03:04:05',
      '2026-01-02 03:04:05+00',
      '2026-07-02 03:04:05+02',
      '2026-07-02 01:04:05',
    ],
    ['date', 'timestamp', '2026-01-02', '2026-01-02 00:00:00', '2026-01-02 13:00:00', '2026-01-02'],
    ['boolean', 'integer', 'true', '1', '2', 'true'],
    ['json', 'jsonb', '{"b":1,"a":2}', '{"a": 2, "b": 1}', '[1,2]', '[1, 2]'],
  ])('%s to %s', async (from, to, old, fresh, stored, back) => {
    const subject = { ...subjectOf('retype', { name: 'v', type: from, isRequired: true }), key: 'id' };
    const change = retypeColumn(subject, { to: 'w', type: to });
    await client.query(`set local timezone = 'UTC'; create table orders (id integer primary key, v ${from} not null);
      insert into orders values (1, '${old}')`);
    await client.query(sqlOf(change, 'expand'));
    await client.query('set local search_path = public');
    await backfill(client, change);
    await client.query(
      `insert into orders (id, v) values (2, '${old}'); insert into orders (id, w) values (3, '${stored}')`,
    );
    const rows = await rowsOf(client, 'select v::text as v, w::text as w from orders order by id');
    expect(rows.slice(0, 2).map(({ w }) => w)).toEqual([fresh, fresh]);
    expect(rows[2]?.['v']).toBe(back);
    expect(await rowsOf(client, sqlOf(change, 'backfill.check'))).toEqual([]);
    await client.query(`update orders set w = '${stored}' where id = 1`);
    expect((await rowsOf(client, 'select v::text as v from orders where id = 1'))[0]).toEqual({ v: back });
    await client.query(sqlOf(change, 'contract'));
  });

  it('a value that differs in its last digit alone is a change', async () => {
    const change = renameColumn(subjectOf('rename', { name: 'v', type: 'numeric', isRequired: false }), 'w');
    await client.query('create table orders (id integer primary key, v numeric); insert into orders values (1, 1.0)');
    await client.query(sqlOf(change, 'expand'));
    await client.query('update public.orders set v = 1.00; update public.orders set id = 1');
    expect(await rowsOf(client, 'select w::text as w from public.orders')).toEqual([{ w: '1.00' }]);
    await client.query('update public.orders set w = 1.000');
    expect(await rowsOf(client, 'select v::text as v from public.orders')).toEqual([{ v: '1.000' }]);
  });
});
