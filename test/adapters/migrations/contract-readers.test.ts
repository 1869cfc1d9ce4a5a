import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import { judgeQuiet, type QuietReport } from '../../../src/core/contract/quiet';
import { contractEffect } from '../../contracts/contract';
import { createOrdersDatabase, runSql } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { startReplica } from '../../support/replica';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const dropCustomer = contractEffect('alter table orders drop column customer');

async function open(sql: string, effect = dropCustomer) {
  const dsn = await createOrdersDatabase(postgres);
  await runSql(dsn, `create extension pg_stat_statements; ${sql}`);
  const port = createPostgresContract({
    dsn,
    schemas: ['public'],
    target: 'shop-db',
    lockTimeoutMs: 1_000,
    statementTimeoutMs: 20_000,
    roles: {},
    maxCopyBytes: 1e9,
  });
  return { sql: (text: string) => runSql(dsn, text), look: () => port.look(effect, 'a') };
}

const dependents = ({ dependents: found }: QuietReport) => found.map(({ kind, name }) => `${kind} ${name}`);
const verdict = (report: QuietReport) => judgeQuiet(report, { quietMs: 1, checkEveryMs: 1_000 }, false);

const partitioned = `drop table orders;
  create table orders (id int, customer text) partition by range (id);
  create table orders_1 partition of orders for values from (0) to (100);`;

test.each([
  ['a join by name', 'create table people (customer text)', 'select id from orders join people using (customer)'],
  ['a natural join', 'create table people (customer text)', 'select id from orders natural join people'],
  ['a do block', '', "do $$ begin execute format('select %I from orders', 'cust' || 'omer'); end $$"],
  ['a copy', '', 'copy (select customer from orders) to program $$cat > /dev/null$$'],
  ['a partition by its own name', partitioned, 'select customer from orders_1'],
])('sees %s that uses the old form', async (_, setUp, statement) => {
  const { sql, look } = await open(setUp);
  await look();
  await sql(statement);
  expect((await look()).readers).toHaveLength(1);
});

test('names publications that send the old form without naming it', async () => {
  const { sql, look } = await open('create publication of_all for all tables');
  expect(dependents(await look())).toEqual(['publication of_all']);
  await sql(`drop publication of_all; create publication of_schema for tables in schema public;
    create publication by_row for table orders (id) where (id > 7);
    create publication without_it for table orders (id);`);
  expect(dependents(await look())).toEqual(['publication of_schema']);
});

test('names what bears the name of something that the file drops', async () => {
  const file = contractEffect(`drop function customer(int);
    drop trigger orders_customer on lines;
    alter table orders drop column customer`);
  const { look } = await open(
    `create view customer as select customer from orders;
     create schema other; create view other.orders_customer as select customer from orders;
     create table lines (id int);
     create function noop() returns trigger language plpgsql as $$ begin return new; end $$;
     create trigger orders_customer before insert on lines for each row execute function noop();
     create trigger orders_customer before update of customer on orders for each row execute function noop();
     create function customer(n int) returns text language sql as 'select customer from orders where id = n';
     create function customer(n text) returns text language sql as 'select customer from orders where customer = n'`,
    file,
  );
  expect(dependents(await look())).toEqual([
    'function customer(text)',
    'trigger orders.orders_customer',
    'view customer',
    'view other.orders_customer',
  ]);
});

test('takes what a dropped table holds for nobody, and a view on a partition for somebody', async () => {
  const both = contractEffect('drop table letters; alter table orders drop column customer');
  const { look } = await open('create table letters (customer text references orders (customer))', both);
  expect(dependents(await look())).toEqual([]);
  const parts = await open(`${partitioned} create view first_ones as select customer from orders_1;`);
  expect(dependents(await parts.look())).toEqual(['view first_ones']);
});

test.each([
  ['alter database NAME set pg_stat_statements.track_utility = no', 'off'],
  ['alter database NAME set pg_stat_statements.track = none', 'none'],
  ['alter role silent in database NAME set pg_stat_statements.track = none', 'role silent'],
  ['alter role silent set pg_stat_statements.track_utility = off', 'role silent'],
  ['alter role postgres in database NAME set pg_stat_statements.track = top', "Spillway's own session"],
])('holds where statements may go uncounted: %s', async (setting, named) => {
  const { sql, look } = await open('');
  await sql(`do $$ begin create role silent; exception when duplicate_object then null; end $$`);
  const [row] = await sql('select quote_ident(current_database()) as name');
  await sql(setting.replace('NAME', String(row?.['name'])));
  try {
    const report = await look();
    expect(report.blind).toContain(named);
    expect(verdict(report)).toMatchObject({ isQuiet: false });
  } finally {
    await sql('drop role silent');
  }
});

test('holds while a standby may be read, and counts anew when it is gone', async () => {
  const { sql, look } = await open('');
  await look();
  const replica = await startReplica(postgres.dsn, 'reading-one');
  try {
    const report = await look();
    expect(report).toMatchObject({ blind: expect.stringContaining('standby reading-one') as string, readers: [] });
    expect(verdict(report)).toMatchObject({
      isQuiet: false,
      why: expect.stringMatching(/data steward waive it.*of what can be seen, it has been quiet/) as string,
    });
  } finally {
    await replica.stop();
  }
  await sql(`select pg_terminate_backend(pid, 5000) from pg_stat_replication`);
  expect(await look()).toMatchObject({ quietMs: 0, lost: expect.stringContaining('began anew') as string });
});
