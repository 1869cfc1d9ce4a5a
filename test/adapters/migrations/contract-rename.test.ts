import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import { contractEffect } from '../../contracts/contract';
import { failure } from '../../support/failure';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function open(before: string) {
  const dsn = await createOrdersDatabase(postgres);
  await runSql(dsn, before);
  const options = { dsn, schemas: ['public'], target: 'shop-db', lockTimeoutMs: 1_000, statementTimeoutMs: 20_000 };
  return {
    dsn,
    port: createPostgresContract({ ...options, roles: {}, maxCopyBytes: 1e9 }),
    migrations: createPostgresMigrations(options),
    sql: (text: string) => runSql(dsn, text),
  };
}

/** A renaming note → remark, whose constraint names both forms. */
const expanded = `alter table orders add column note text, add column remark text;
  update orders set note = 'n' || id, remark = 'n' || id;
  alter table orders add constraint note_filled check (note is not distinct from remark) not valid;`;
const dropNote = contractEffect(`-- é: places are counted in characters
  alter table orders validate constraint note_filled;
  alter table orders drop constraint note_filled, drop column note;`);

test('renames nothing while a row that was never filled would lose its value', async () => {
  const { port, sql } = await open(`alter table orders add column note text, add column remark text;
    update orders set note = 'secret-' || id;
    alter table orders add constraint note_filled check (note is not distinct from remark) not valid;`);
  await port.keep(dropNote, 'a');
  const error = await failure(port.retire(dropNote, 'a'));
  expect([error.code, error.message]).toEqual([
    'Rejected',
    expect.stringMatching(/0001-orders\.contract\.sql:2: .*SQLSTATE 23514, .*constraint note_filled/),
  ]);
  expect(error.message).not.toContain('secret');
  expect(await port.oldForm(dropNote, 'a')).toBe('present');
  expect(await sql('select count(*)::int as kept from orders where note is not null')).toEqual([{ kept: 25 }]);
});

test('reads no row under the lock of the renaming, and reads them all before', async () => {
  const { dsn, port, sql } = await open(`${expanded}
    create table rows_read (locked boolean);
    -- Says of each row that is checked whether readers of the table wait for it.
    create function watched(text) returns boolean language plpgsql as $$ begin
      insert into rows_read select exists (
        select from pg_locks where pid = pg_backend_pid() and relation = 'orders'::regclass and mode = 'AccessExclusiveLock');
      return true; end $$;
    alter table orders drop constraint note_filled, add constraint note_filled
      check (note is not distinct from remark and watched(note)) not valid;`);
  await port.retire(dropNote, 'a');
  expect(await sql('select locked, count(*)::int as rows from rows_read group by 1')).toEqual([
    { locked: false, rows: 25 },
  ]);
  expect(await port.putBack(dropNote, 'a')).toEqual({ notes: [] });
  await withClient(dsn, 'old version', (client) => client.query('select note from orders'));
});

test.each([
  ['in one statement with other changes', 'alter table orders validate constraint note_filled, drop column note'],
  [
    'that the file itself adds',
    `alter table orders add constraint filled_late check (note is not distinct from remark) not valid;
     alter table orders validate constraint filled_late; alter table orders drop column note`,
  ],
])('refuses a proof %s: it would be held against the stand-in', async (_what, text) => {
  const { port } = await open(expanded);
  const error = await failure(port.retire(contractEffect(text), 'a'));
  expect([error.code, error.message]).toEqual([
    'Rejected',
    expect.stringMatching(/contract\.sql:\d: constraint .* cannot be proved before the old form is renamed; /),
  ]);
});

const dropCode = contractEffect('alter table orders drop column code');
const newRows = `insert into orders (id, state, customer, remark) values (101, 's', 'c101', 'new'), (102, 's', 'c102', 'other')`;

test.each([
  ['a constraint in which nulls are equal', 'add constraint code_key unique nulls not distinct (code)', dropCode],
  ['an index in which nulls are equal', 'create unique index code_key on orders (code) nulls not distinct', dropCode],
  ['an index of an expression', `create unique index code_key on orders (coalesce(code, ''))`, dropCode],
  ['an index with a condition', 'create unique index code_key on orders (state) where code is null', dropCode],
  ['an exclusion', `add constraint code_key exclude using btree ((coalesce(code, '')) with =)`, dropCode],
  [
    'an index that the file drops itself',
    `create unique index code_key on orders (coalesce(code, ''))`,
    contractEffect('drop index code_key; alter table orders drop column code'),
  ],
] as const)('the new version writes while %s has a hidden column, and it comes back', async (_what, key, effect) => {
  const { port, sql, migrations } = await open(`alter table orders add column code text, add column remark text;
    update orders set code = 'k' || id, state = 's';
    ${key.startsWith('add') ? `alter table orders ${key}` : key}`);
  const before = await migrations.snapshot();
  await port.retire(effect, 'a');
  await sql(newRows);
  await sql('delete from orders where id > 100');
  expect(await port.putBack(effect, 'a')).toEqual({ notes: [] });
  expect(await migrations.snapshot()).toEqual(before);
});

test('a key that tells rows apart without the hidden column goes on doing so', async () => {
  const { port, sql } = await open(`alter table orders add column code text, add column remark text;
    create unique index remark_key on orders (remark) include (code);
    create unique index code_key on orders (code, lower(remark))`);
  await port.retire(dropCode, 'a');
  await sql(newRows);
  await expect(sql(`insert into orders (id, customer, remark) values (103, 'c103', 'new')`)).rejects.toMatchObject({
    code: '23505',
    constraint: 'remark_key',
  });
  expect(await sql(`select to_regclass('code_key') is not null as there`)).toEqual([{ there: true }]);
});
