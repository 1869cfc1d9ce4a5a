import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import type { PostgresContractOptions } from '../../../src/adapters/contract/context';
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

async function open(before: string, change: Partial<PostgresContractOptions> = {}) {
  const dsn = await createOrdersDatabase(postgres);
  await runSql(dsn, before);
  const options = { dsn, schemas: ['public'], target: 'shop-db', lockTimeoutMs: 1_000, statementTimeoutMs: 20_000 };
  return {
    dsn,
    port: createPostgresContract({ ...options, roles: {}, maxCopyBytes: 1e9, ...change }),
    migrations: createPostgresMigrations(options),
    sql: (text: string) => runSql(dsn, text),
  };
}

const dropBookings = contractEffect('drop table bookings');
/** A table with about everything that belongs to one. */
const bookings = `create type mood as enum ('glad', 'sad');
  create table bookings (
    id int generated always as identity (start 5 increment 10), n serial, order_id int not null references orders,
    place text collate "C" not null default 'here', feeling mood default 'glad', during int4range,
    twice int generated always as (order_id * 2) stored, "Odd name" text[],
    primary key (id), unique (place, n), check (n > 0), constraint apart exclude using gist (during with &&)
  ) with (fillfactor = 70);
  create index "Odd index" on bookings (lower(place)) where n > 1;
  create statistics both_ways on place, n from bookings;
  create function bell() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger off before insert on bookings for each row execute function bell();
  create trigger "on" after update on bookings for each row when (old.n <> new.n) execute function bell();
  create rule nothing as on delete to bookings do instead nothing;
  create policy mine on bookings using (place = current_user) with check (n < 1000);
  insert into bookings (order_id, during) select id, int4range(id, id + 1) from orders;
  alter table bookings disable trigger off, enable row level security, force row level security, replica identity full;`;
const rowsOf = 'select *, feeling::text as feeling_text from bookings order by id';

test('brings a table back with everything that belongs to it', async () => {
  const { port, sql, migrations } = await open(bookings);
  const [before, rows] = [await migrations.snapshot(), await sql(rowsOf)];
  const [point] = await port.keep(dropBookings, 'a');
  await port.retire(dropBookings, 'a');
  await port.keep(dropBookings, 'a');
  await port.drop(dropBookings, 'a');
  expect(await port.restoreKept(point?.name ?? '')).toBe(25);
  expect(await migrations.snapshot()).toEqual(before);
  expect(await sql(rowsOf)).toEqual(rows);
  expect(await sql(`insert into bookings (order_id) values (1) returning id, n`)).toEqual([{ id: 255, n: 26 }]);
  expect(await sql(`select stxname from pg_statistic_ext`)).toEqual([{ stxname: 'both_ways' }]);
  expect(await sql(`select 1 from pg_namespace where nspname = 'spillway_try'`)).toEqual([]);
});

test('brings references back as they were at the renaming, with no promise for rows whose other end is gone', async () => {
  const { port, sql } = await open(bookings);
  await port.keep(dropBookings, 'a');
  await sql('alter table bookings drop constraint bookings_order_id_fkey');
  await sql('alter table bookings add constraint to_order foreign key (order_id) references orders');
  const [point] = await port.keep(dropBookings, 'a');
  await port.retire(dropBookings, 'a');
  await sql('delete from orders where id = 7');
  await port.keep(dropBookings, 'a');
  await port.drop(dropBookings, 'a');
  expect(await port.restoreKept(point?.name ?? '')).toBe(25);
  expect(await sql(`select conname, convalidated from pg_constraint where contype = 'f'`)).toEqual([
    { conname: 'to_order', convalidated: false },
  ]);
  await expect(sql('insert into bookings (order_id) values (7)')).rejects.toMatchObject({ code: '23503' });
});

test('a copy made only once the table is renamed brings it back under its name', async () => {
  const { port, sql } = await open(bookings);
  const rows = await sql(rowsOf);
  await port.retire(dropBookings, 'a');
  const [point] = await port.keep(dropBookings, 'a');
  await port.drop(dropBookings, 'a');
  await port.restoreKept(point?.name ?? '');
  expect(await sql(rowsOf)).toEqual(rows);
  expect(await sql(`select conname from pg_constraint where conname = 'apart'`)).toEqual([{ conname: 'apart' }]);
});

test.each([
  [
    'partitions',
    `create table bookings (id int) partition by range (id);
     create table first partition of bookings for values from (0) to (9)`,
    /no copy brings back a table with partitions/,
  ],
  [
    'an index that is not valid, which a restore would make valid',
    `create table bookings (id int); create index half on bookings (id);
     update pg_index set indisvalid = false where indexrelid = 'half'::regclass`,
    /a restore would not give back as it is: index public\.half; name `backup`/,
  ],
])('takes no copy of a table with %s', async (_what, made, why) => {
  const { port, sql } = await open(made);
  const error = await failure(port.keep(dropBookings, 'a'));
  expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(why)]);
  expect(await port.kept()).toEqual([]);
  expect(await sql(`select 1 from pg_namespace where nspname = 'spillway_try'`)).toEqual([]);
});

test('takes no copy that would lack rows which a forced policy hides from the owner, too', async () => {
  const role = `shop_owner_${process.pid}`;
  const { dsn, sql } = await open(`create role ${role} login; grant create on schema public to ${role};
    do $$ begin execute format('grant create on database %I to ${role}', current_database()); end $$;
    create table bookings (id int primary key, place text); insert into bookings values (1, 'here');
    create policy nobody on bookings using (false);
    alter table bookings enable row level security, force row level security, owner to ${role};`);
  const options = { schemas: ['public'], target: 'shop-db', lockTimeoutMs: 1_000, statementTimeoutMs: 20_000 };
  const own = dsn.replace('postgres@', `${role}@`);
  const port = createPostgresContract({ ...options, dsn: own, roles: {}, maxCopyBytes: 1e9 });
  try {
    const error = await failure(port.keep(dropBookings, 'a'));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/row-level security policy for table "bookings" \(SQLSTATE 42501/),
    ]);
    await sql('alter table bookings no force row level security');
    expect(await port.keep(dropBookings, 'a')).toMatchObject([{ rows: 1 }]);
  } finally {
    await sql(`drop owned by ${role}; drop role ${role}`);
  }
});

const dropNote = contractEffect('alter table orders drop column note');
/** Orders with a dropped column of many values, whose restore runs the trigger `watch` for each statement. */
async function dropped(watch: string) {
  const shop = await open(
    `alter table orders add column note text;
     insert into orders (id, customer) select i, i from generate_series(26, 30000) i; update orders set note = 'n' || id;
     create table seen (locks bigint);
     create function watch() returns trigger language plpgsql as $$ begin ${watch} return null; end $$;`,
    { lockTimeoutMs: 50 },
  );
  const [point] = await shop.port.keep(dropNote, 'a');
  await shop.port.retire(dropNote, 'a');
  await shop.port.drop(dropNote, 'a');
  await shop.sql('create trigger watch after update on orders for each statement execute function watch()');
  return { ...shop, restore: () => shop.port.restoreKept(point?.name ?? '') };
}

test('fills a column that it brings back in small steps, with no lock that stops readers', async () => {
  const { sql, restore } = await dropped(`insert into seen select count(*) from pg_locks
    where pid = pg_backend_pid() and relation = 'orders'::regclass and mode = 'AccessExclusiveLock';`);
  expect(await restore()).toBe(30_000);
  const [steps] = await sql('select count(*)::int as count, sum(locks)::int as locks from seen');
  expect(steps).toEqual({ count: expect.any(Number) as number, locks: 0 });
  expect(steps?.['count']).toBeGreaterThan(1);
  expect(await sql(`select count(*)::int as wrong from orders where note is distinct from 'n' || id`)).toEqual([
    { wrong: 0 },
  ]);
});

test('goes on where a restore was ended, and leaves what was written since', async () => {
  const { sql, restore } = await dropped(`if exists (select from orders where id = 30000 and note is null)
    and exists (select from orders where id = 20000 and note is not null) then raise exception 'full'; end if;`);
  expect((await failure(restore())).message).toMatch(/SQLSTATE P0001/);
  const [begun] = await sql('select count(note)::int as filled from orders');
  expect(begun?.['filled']).toBeGreaterThan(0);
  await sql(`drop trigger watch on orders; update orders set note = 'mine' where id = 30000`);
  expect(await restore()).toBe(29_999);
  expect(await sql(`select id, note from orders where note is distinct from 'n' || id`)).toEqual([
    { id: 30_000, note: 'mine' },
  ]);
});

test('gives way where somebody holds the table, and says who', async () => {
  const { dsn, restore } = await dropped('');
  await withClient(dsn, 'nightly report', async (reader) => {
    await reader.query('begin; select from orders limit 1');
    const error = await failure(restore());
    expect([error.code, error.message]).toEqual([
      'TargetUnavailable',
      expect.stringMatching(/restore of orders__note__\w+ on .*a lock was not free .*`nightly report`/),
    ]);
  });
  expect(await restore()).toBe(30_000);
});
