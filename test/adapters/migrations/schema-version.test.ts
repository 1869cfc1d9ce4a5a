import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
}, 60_000);
afterAll(() => postgres.stop());

const begin = `
  create index orders_state on orders (state);
  create type size as enum ('s', 'm');
  create function twice(n int) returns int language sql as 'select 2 * n';
  create function stamp() returns trigger language plpgsql as 'begin return new; end';
  create trigger stamped before insert on orders for each row execute function stamp();
  create view open_orders as select id from orders where id > 9;
  create sequence numbers;
  alter table orders enable row level security;
  create policy all_of_them on orders using (true);
  alter table orders alter column state set default 'new'`;

async function open() {
  const dsn = await createOrdersDatabase(postgres);
  await runSql(dsn, begin);
  const options = { dsn, target: 'orders', schemas: ['public'], lockTimeoutMs: 2_000, statementTimeoutMs: 10_000 };
  return { dsn, port: createPostgresMigrations(options) };
}

test.concurrent.each([
  'alter table orders add column note text',
  'alter table orders drop column state',
  'alter table orders alter column state type varchar(9)',
  "alter table orders alter column state set default 'other'",
  'alter table orders alter column state drop default',
  'alter table orders alter column state set not null',
  'alter table orders rename column state to status',
  'alter table orders add constraint short check (length(customer) < 99)',
  'alter table orders set (fillfactor = 70)',
  'alter table orders disable trigger stamped',
  'alter table orders disable row level security',
  'alter policy all_of_them on orders using (id > 0)',
  'alter sequence numbers increment 2',
  'create table other (id int)',
  'drop index orders_state',
  'create index concurrently orders_customer on orders (customer)',
  'drop view open_orders',
  'create or replace view open_orders as select id from orders',
  "create or replace function twice(n int) returns int language sql as 'select n + n'",
  "alter type size add value 'l'",
  'create rule nothing as on delete to orders do instead nothing',
])('the version is another one after: %s', async (sql) => {
  const { dsn, port } = await open();
  if (sql.includes('set not null')) await runSql(dsn, "update orders set state = 'new'");
  const [before, snapshot] = [await port.schemaVersion(), await port.snapshot()];
  expect(await port.schemaVersion()).toBe(before);
  await runSql(dsn, sql);
  expect(await port.schemaVersion()).not.toBe(before);
  expect(await port.snapshot()).not.toEqual(snapshot);
});

test.concurrent('the version stays where rows change, statistics are gathered and other schemas change', async () => {
  const { dsn, port } = await open();
  const before = await port.schemaVersion();
  await runSql(
    dsn,
    `insert into orders (id, customer) values (99, 'x'); update orders set state = 'y'; select nextval('numbers')`,
  );
  await runSql(dsn, 'analyze orders');
  await runSql(dsn, 'vacuum (freeze) orders');
  await runSql(
    dsn,
    'create schema elsewhere; create table elsewhere.orders (id int); create temporary table t (id int)',
  );
  expect(await port.schemaVersion()).toBe(before);
});

test.concurrent('a look waits for nobody who holds a table, and holds nobody up', async () => {
  const { dsn, port } = await open();
  await withClient(dsn, 'holds the table', async (client) => {
    await client.query('begin; lock table orders in access exclusive mode');
    expect(await port.schemaVersion()).toMatch(/^\d+ -?\d+$/);
    await client.query('rollback');
  });
});

test.concurrent('the columns of the last change are named, and those of an untouched table are not', async () => {
  const { dsn, port } = await open();
  const table = 'table public.orders';
  await runSql(dsn, 'alter table orders add column "Note" text; alter table orders alter column state drop default');
  // Both in one transaction: one statement message is one.
  expect((await port.lastChanges([table]))[table]).toEqual(['column state', 'column "Note"']);
  await runSql(dsn, 'alter table orders drop column "Note"');
  expect((await port.lastChanges([table]))[table]).toEqual(['a dropped column']);
  await runSql(dsn, 'alter table orders set (fillfactor = 70)');
  expect(await port.lastChanges([table, 'table public.absent'])).toEqual({});
});
