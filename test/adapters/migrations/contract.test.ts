import { Client } from 'pg';
import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import type { PostgresContractOptions } from '../../../src/adapters/contract/context';
import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import { checkLineage } from '../../../src/core/contract/check-lineage';
import { judgeQuiet } from '../../../src/core/contract/quiet';
import { without } from '../../../src/core/without';
import { contractEffect } from '../../contracts/contract';
import { failure } from '../../support/failure';
import { migrateEffect } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const rule = { quietMs: 60_000, checkEveryMs: 1_000 };
const dropCustomer = contractEffect(`drop trigger if exists keep_both on orders;
  drop function if exists keep_both();
  alter table orders drop column customer;`);
const twoWay = `alter table orders add column client text;
  update orders set client = customer;
  create function keep_both() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
      new.client := coalesce(new.client, new.customer); new.customer := coalesce(new.customer, new.client);
    end if;
    return new; end $$;
  create trigger keep_both before insert or update on orders for each row execute function keep_both();`;

async function open(change: Partial<PostgresContractOptions> = {}, sql = '') {
  const dsn = await createOrdersDatabase(postgres);
  if (sql !== '') await runSql(dsn, sql);
  const options = { dsn, schemas: ['public'], target: 'shop-db', lockTimeoutMs: 1_000, statementTimeoutMs: 20_000 };
  return {
    dsn,
    port: createPostgresContract({ ...options, roles: {}, maxCopyBytes: 1e9, ...change }),
    migrations: createPostgresMigrations(options),
    sql: (text: string) => runSql(dsn, text),
  };
}
const customers = 'select id, customer from orders order by id';

test('brings the values of a dropped column back, for the rows that are still there', async () => {
  const { port, sql } = await open({}, twoWay);
  const before = await sql(customers);
  const [point] = await port.keep(dropCustomer, 'a');
  expect(point).toMatchObject({ of: 'public.orders.customer', rows: 25 });
  await port.retire(dropCustomer, 'a');
  await sql(`insert into orders (id, client) values (26, 'late')`);
  const [last] = await port.keep(dropCustomer, 'a');
  expect([last?.name, last?.rows, last?.checksum]).toEqual([point?.name, 25, point?.checksum]);
  await port.drop(dropCustomer, 'a');
  await sql('delete from orders where id = 1');
  expect(
    await sql(`select attname from pg_attribute where attrelid = 'orders'::regclass and attname like 'customer%'`),
  ).toEqual([]);
  expect(await port.restoreKept(point?.name ?? '')).toBe(24);
  expect(await sql(customers)).toEqual([...before.slice(1), { id: 26, customer: null }]);
  expect(await sql(`select 1 from pg_namespace where nspname = 'spillway_try'`)).toEqual([]);
});

test('puts the old form back with its trigger, its rules and what both versions need', async () => {
  const { port, sql, migrations } = await open(
    {},
    `${twoWay} alter table orders alter column customer set default 'x',
    add constraint customer_named check (customer <> '');`,
  );
  const before = await migrations.snapshot();
  await port.retire(dropCustomer, 'a');
  expect(Object.keys(await migrations.snapshot())).not.toContain('trigger public.orders.keep_both');
  await sql(`insert into orders (id, client) values (26, 'new code')`);
  await sql('delete from orders where id = 26');
  expect(await port.putBack(dropCustomer, 'a')).toEqual({ notes: [] });
  const after = await migrations.snapshot();
  // The rule holds for new rows; that it holds for old ones was not read under the lock.
  expect(after).toMatchObject(without(before, 'constraint public.orders.customer_named'));
  expect(Object.keys(after)).toEqual(Object.keys(before));
  await sql(`insert into orders (id, customer) values (27, 'old code')`);
  expect(await sql('select client from orders where id = 27')).toEqual([{ client: 'old code' }]);
});

test('fills rows written meanwhile by the triggers that went with the old form, before anybody can read them', async () => {
  const { port, sql, migrations } = await open({}, twoWay);
  const before = await migrations.snapshot();
  await port.retire(dropCustomer, 'a');
  await sql(`insert into orders (id, client) values (26, 'new code'), (27, 'newer code')`);
  await sql('delete from orders where id = 27');
  expect(await port.putBack(dropCustomer, 'a')).toEqual({ notes: ['1 row written meanwhile got the old form again'] });
  expect(await sql('select customer from orders where id = 26')).toEqual([{ customer: 'new code' }]);
  expect(Object.keys(await migrations.snapshot())).toEqual(Object.keys(before));
  expect(
    await sql(`select attnotnull from pg_attribute where attrelid = 'orders'::regclass and attname = 'customer'`),
  ).toEqual([{ attnotnull: true }]);
});

test('changes nothing while rows written meanwhile would have no old form, and names them; accepted, it says what stays off', async () => {
  const { port, sql } = await open();
  const plain = contractEffect('alter table orders drop column customer');
  await port.retire(plain, 'a');
  await sql('insert into orders (id) values (26), (27)');
  expect(await port.putBack(plain, 'a')).toEqual({
    notes: [],
    unfilled: [{ of: 'public.orders.customer', rows: 2, keys: ['26', '27'] }],
  });
  expect(await port.oldForm(plain, 'a')).toBe('renamed');
  const fewer = await port.putBack(plain, 'a', { rules: [], acceptedRows: 1 });
  expect([fewer.unfilled?.[0]?.rows, await port.oldForm(plain, 'a')]).toEqual([2, 'renamed']);
  const { notes } = await port.putBack(plain, 'a', { rules: [], acceptedRows: 2 });
  expect(notes).toEqual([expect.stringMatching(/column public.orders.customer .*SQLSTATE 23502/)]);
  expect(await port.oldForm(plain, 'a')).toBe('present');
});

test('names rows whose old form went stale meanwhile, where the migration says how both compare', async () => {
  const { port, sql } = await open(
    {},
    'alter table orders add column client text; update orders set client = customer',
  );
  const plain = contractEffect('alter table orders drop column customer');
  const rule = {
    id: 'x',
    migration: 'x',
    target: 'shop-db',
    table: 'public.orders',
    key: 'id',
    old: 'customer',
    new: 'client',
  };
  await sql(`update orders set client = 'known before' where id = 1`);
  await port.retire(plain, 'a');
  await sql(`update orders set client = 'renamed' where id = 7`);
  const request = { rules: [rule], acceptedRows: 0 };
  expect((await port.putBack(plain, 'a', request)).unfilled).toEqual([
    { of: 'public.orders.customer', rows: 1, keys: ['7'] },
  ]);
});

test('a default goes on filling the old form of rows that do not name it', async () => {
  const { port, sql } = await open({}, `alter table orders alter column customer set default 'nobody'`);
  const plain = contractEffect('alter table orders drop column customer');
  await port.retire(plain, 'a');
  await sql('insert into orders (id) values (26)');
  expect(await port.putBack(plain, 'a')).toEqual({ notes: [] });
  expect(await sql('select customer from orders where id = 26')).toEqual([{ customer: 'nobody' }]);
});

test('moves a table away, drops it, and brings it back with its rows, keys and indexes', async () => {
  const { port, sql } = await open(
    {},
    `create table old_orders (id serial primary key, order_id int not null references orders, note text);
     create index old_note on old_orders (note);
     insert into old_orders (order_id, note) select id, 'n' || id from orders`,
  );
  const effect = contractEffect('drop index old_note; drop table old_orders');
  const before = await sql('select * from old_orders order by id');
  const [point] = await port.keep(effect, 'a');
  await port.retire(effect, 'a');
  expect(await sql(`select to_regclass('old_orders') as gone`)).toEqual([{ gone: null }]);
  await sql('delete from orders where id = 25');
  await sql(`insert into orders (id, customer) values (25, 'again')`);
  await port.keep(effect, 'a');
  await port.drop(effect, 'a');
  expect(await port.restoreKept(point?.name ?? '')).toBe(25);
  expect(await sql('select * from old_orders order by id')).toEqual(before);
  expect(await sql(`insert into old_orders (order_id) values (1) returning id`)).toEqual([{ id: 26 }]);
  expect(await sql(`select to_regclass('old_note') is not null as there`)).toEqual([{ there: true }]);
});

test('names what in the schema depends on the old form, but not what the file drops itself', async () => {
  const { port } = await open(
    {},
    `${twoWay} create view customers as select customer from orders;
     create function greet(n int) returns text language sql as 'select customer from orders where id = n';
     create table letters (customer text references orders (customer));
     alter table orders add column shout text generated always as (upper(customer)) stored;
     create publication names for table orders (id, customer);`,
  );
  const { dependents } = await port.look(dropCustomer, 'a');
  expect(dependents.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'foreign key letters.letters_customer_fkey',
    'function greet(integer)',
    'generated column orders.shout',
    'publication names',
    'view customers',
  ]);
});

test('names who used the old form since the first look, by role, and sees that it is quiet then', async () => {
  const role = `shop_blue_${process.pid}`;
  const { dsn, port, sql } = await open(
    { roles: { [role]: 'blue' } },
    `create extension pg_stat_statements; create role ${role} login; grant all on orders to ${role};`,
  );
  const blue = new Client({ connectionString: dsn.replace('postgres@', `${role}@`) });
  await blue.connect();
  try {
    await blue.query(`select customer from orders where id = 7 and customer <> 'secret-value'`);
    expect((await port.look(dropCustomer, 'a')).readers).toEqual([]);
    await blue.query(`select customer from orders where id = 8 and customer <> 'secret-value'`);
    await blue.query('select id from orders');
    const report = await port.look(dropCustomer, 'a');
    expect(report.readers).toEqual([
      expect.objectContaining({
        role,
        slot: 'blue',
        calls: 1,
        text: 'select customer from orders where id = $1 and customer <> $2',
      }),
    ]);
    expect(report.quietMs).toBe(0);
    expect(judgeQuiet(report, rule, false)).toMatchObject({ isQuiet: false });
    await port.keep(dropCustomer, 'a');
    const later = await port.look(dropCustomer, 'a');
    expect(later.quietMs).toBeGreaterThan(0);
    expect(judgeQuiet(later, { ...rule, quietMs: 1 }, false)).toEqual({ isQuiet: true });
    await sql('select pg_stat_statements_reset()');
    expect(await port.look(dropCustomer, 'a')).toMatchObject({
      quietMs: 0,
      lost: expect.stringMatching(/was reset/) as string,
    });
  } finally {
    await blue.end();
    await sql(`drop owned by ${role}; drop role ${role}`);
  }
});

test('holds where statements cannot be seen, and says how to see them', async () => {
  const { port } = await open();
  const report = await port.look(dropCustomer, 'a');
  expect(judgeQuiet(report, rule, false)).toMatchObject({
    isQuiet: false,
    why: expect.stringMatching(/has no pg_stat_statements.*create extension/) as string,
  });
  expect(judgeQuiet(report, rule, true)).toEqual({ isQuiet: true });
});

test.each([
  ['a copy that the target has no room for', { maxCopyBytes: 10 }, dropCustomer, /maxCopy/],
  ['a loss that no copy makes good', {}, contractEffect('delete from orders'), /\.sql:1: .*in place/],
  ['a file that is no SQL', {}, contractEffect('drop tabel orders'), /not SQL/],
] as const)('refuses %s', async (_what, change, effect, why) => {
  const { port, sql } = await open(change);
  await sql('analyze orders');
  const error = await failure(port.keep(effect, 'a'));
  expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(why)]);
});

test('takes a column of a table without statistics to be as large as the table', async () => {
  const { port, sql } = await open(
    { maxCopyBytes: 1_000 },
    'create table notes (id int primary key, words text) with (autovacuum_enabled = false)',
  );
  await sql(`insert into notes select i, repeat('x', 100) from generate_series(1, 1000) i`);
  const dropWords = contractEffect('alter table notes drop column words');
  expect((await failure(port.keep(dropWords, 'a'))).message).toMatch(/maxCopy/);
});

test('refuses a column whose rows have no key', async () => {
  const { port } = await open({}, 'create table notes (words text)');
  const error = await failure(port.keep(contractEffect('alter table notes drop column words'), 'a'));
  expect(error.message).toMatch(/no primary key/);
});

test("makes the environment's own backup, and only a restore that works proves it", async () => {
  const node = (code: string) => [process.execPath, '-e', code];
  const commands = (testRestore: string) => ({
    backup: node('console.log("full-" + process.argv[1])').concat('{release}'),
    testRestore: node(testRestore).concat('{backup}'),
    timeoutMs: 20_000,
    environment: {},
  });
  const good = await open({ commands: commands('process.exit(process.argv[1] === "full-run" ? 0 : 1)') });
  expect(await good.port.keep(dropCustomer, 'run')).toMatchObject([{ kind: 'backup', name: 'full-run' }]);
  const bad = await open({ commands: commands('process.exit(3)') });
  expect((await failure(bad.port.keep(dropCustomer, 'run'))).message).toMatch(/testRestore: it ended with 3/);
});

test('removes copies whose time is over', async () => {
  const { port, sql } = await open();
  await port.keep(dropCustomer, 'a');
  await sql(`update spillway.kept set keep_until = now() - interval '1 s'`);
  expect(await port.removeExpired()).toHaveLength(1);
  expect(await port.kept()).toEqual([]);
  expect(await sql(`select tablename from pg_tables where schemaname = 'spillway_kept'`)).toEqual([]);
});

test('an older version may come back after a put-back, and only then', async () => {
  const { port, migrations } = await open();
  const expand = {
    ...migrateEffect('expand', 'alter table orders add column client text', 'select 1'),
    origin: { service: 'shop', version: '2.0.0' },
  };
  await migrations.apply(expand, 'a');
  const refusedOld = async () =>
    checkLineage({ service: 'shop', version: '1.0.0', effects: [], contract: [] }, await port.lineage('shop'), [
      '2020-01-01T00:00:00.000Z',
    ]).map(({ code }) => code);
  expect(await refusedOld()).toEqual([]);
  await port.retire(dropCustomer, 'a');
  expect(await refusedOld()).toEqual(['lineage-broken']);
  await port.putBack(dropCustomer, 'a');
  expect(await port.lineage('shop')).toMatchObject([{ version: '2.0.0', parts: ['expand'] }]);
  expect(await refusedOld()).toEqual([]);
  await migrations.undo(expand, 'a');
  expect(await port.lineage('shop')).toMatchObject([{ undoneAt: expect.any(String) as string }]);
});

test('records which version came with which migration, and that it was taken back', async () => {
  const { port } = await open();
  await port.retire(dropCustomer, 'a');
  expect(await port.lineage('shop')).toMatchObject([
    { version: '2.0.0', release: 'a', migration: '0001-orders', parts: ['contract'] },
  ]);
  await port.putBack(dropCustomer, 'a');
  expect((await port.lineage('shop'))[0]?.undoneAt).toBeDefined();
});
