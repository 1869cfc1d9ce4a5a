import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import { createOrdersDatabase, runSql } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
let dsn: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dsn = await createOrdersDatabase(postgres);
});

const snapshot = () =>
  createPostgresMigrations({
    dsn,
    schemas: ['public', 'spillway'],
    lockTimeoutMs: 100,
    statementTimeoutMs: 5_000,
    target: 'shop-db',
  }).snapshot();

it.each([
  ['a column', 'alter table orders add note text', 'alter table orders drop note'],
  ['a column in the middle', 'alter table orders drop state', 'alter table orders add state text'],
  ['a default', "alter table orders alter state set default 'new'", 'alter table orders alter state drop default'],
  [
    'not null',
    'alter table orders alter id set not null, alter customer drop not null',
    'alter table orders alter customer set not null',
  ],
  ['a type', 'alter table orders alter id type bigint', 'alter table orders alter id type int'],
  ['an index', 'create index i on orders (state) where id > 3', 'drop index i'],
  [
    'a constraint',
    'alter table orders add constraint c check (id > 0) not valid',
    'alter table orders drop constraint c',
  ],
  [
    'a trigger',
    'create trigger t after insert on orders for each row execute function f()',
    'drop trigger t on orders',
  ],
  ['a disabled trigger', 'alter table orders disable trigger kept', 'alter table orders enable trigger kept'],
  ['a function', 'create function g(a int) returns int language sql as $$ select a $$', 'drop function g'],
  ['an aggregate', 'create aggregate total(int) (sfunc = int4pl, stype = int)', 'drop aggregate total(int)'],
  ['a view', 'create view v as select id from orders', 'drop view v'],
  ['a sequence', 'create sequence s increment 7', 'drop sequence s'],
  ['an enum', "create type mood as enum ('good', 'bad')", 'drop type mood'],
  ['a domain', 'create domain share as int check (value <= 100)', 'drop domain share'],
  ['a composite type', 'create type pair as (a int, b text)', 'drop type pair'],
  ['an identity column', 'alter table orders add n int generated always as identity', 'alter table orders drop n'],
  [
    'a generated column',
    'alter table orders add n int generated always as (id * 2) stored',
    'alter table orders drop n',
  ],
  ['row security', 'alter table orders enable row level security', 'alter table orders disable row level security'],
  ['a policy', 'create policy p on orders using (id > 1)', 'drop policy p on orders'],
  [
    'a partition',
    'create table part (id int) partition by range (id); create table p1 partition of part for values from (1) to (9)',
    'drop table part',
  ],
])('sees %s come and go', async (_, change, undo) => {
  await runSql(dsn, 'create function f() returns trigger language plpgsql as $$ begin return null; end $$');
  await runSql(dsn, 'create trigger kept after insert on orders for each row execute function f()');
  const before = await snapshot();
  await runSql(dsn, change);
  expect(await snapshot()).not.toEqual(before);
  await runSql(dsn, undo);
  expect(await snapshot()).toEqual(before);
});

it('does not depend on the search path of the user', async () => {
  await runSql(dsn, 'create view v as select id from orders; create index i on orders (state)');
  const before = await snapshot();
  dsn = `${dsn}?options=-c%20search_path%3Dpg_catalog`;
  expect(await snapshot()).toEqual(before);
});

it('leaves out the ledger and sequences that only counted on', async () => {
  await runSql(dsn, 'create sequence s');
  const before = await snapshot();
  await runSql(dsn, "create schema spillway; create table spillway.ledger (a int); select nextval('s')");
  expect(await snapshot()).toEqual(before);
  expect(Object.keys(before)).toContain('table public.orders');
});
