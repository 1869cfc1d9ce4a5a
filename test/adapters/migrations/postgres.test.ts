import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import type { MigrateEffect, MigrationsPort } from '../../../src/ports/migrations';
import { failure } from '../../support/failure';
import { migrateEffect, sqlFile } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { until } from '../../support/until';

let postgres: TestPostgres;
let dsn: string;
let port: MigrationsPort;

const connect = (change: { readonly dsn?: string; readonly lockTimeoutMs?: number } = {}) =>
  createPostgresMigrations({
    dsn,
    schemas: ['public'],
    lockTimeoutMs: 100,
    statementTimeoutMs: 10_000,
    target: 'shop-db',
    ...change,
  });
const release = 'release/test/shop/a';
const never = new AbortController().signal;
const ignore = () => undefined;

const note = migrateEffect('expand', 'alter table orders add column note text', 'alter table orders drop column note');
const openOrders = migrateEffect(
  'backfill',
  "update orders set state = 'open' where id in (select id from orders where state is null order by id limit 10)",
  'update orders set state = null',
);
const ledger = () => runSql(dsn, 'select release, applied_at is not null as done, batches, rows from spillway.ledger');
const killSessions = (name: string) =>
  runSql(dsn, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${name}'`);

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dsn = await createOrdersDatabase(postgres);
  port = connect();
});

/** The server runs a statement that sleeps, in a session of the release. */
const untilAsleep = () =>
  until('the statement sleeps', async () => {
    const sleeping = `select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
    return (await runSql(dsn, sleeping)).length > 0;
  });

describe('the ledger of an earlier Spillway', () => {
  const toggle = migrateEffect('switch', "comment on table orders is 'new'", "comment on table orders is 'old'");

  it('knows no switch, and learns it in place without losing a line', async () => {
    await port.apply(note, release);
    await runSql(
      dsn,
      `alter table spillway.ledger drop constraint if exists ledger_part_check,
         add constraint ledger_part_check check (part in ('expand', 'backfill', 'contract'))`,
    );
    await port.apply(toggle, release);
    expect(await port.isApplied(toggle)).toBe(true);
    expect(await port.isApplied(note)).toBe(true);
    await port.undo(toggle, release);
    expect(await port.isApplied(toggle)).toBe(false);
  });
});

describe('one migrator at a time', () => {
  it('lets two releases with the same part apply it once', async () => {
    const slow = migrateEffect('expand', 'select pg_sleep(0.3); alter table orders add column note text', undefined);
    await Promise.all([connect().apply(slow, 'release/a'), connect().apply(slow, 'release/b')]);
    expect(await ledger()).toHaveLength(1);
    expect(await port.isApplied(slow)).toBe(true);
  });

  it('says who holds the lock when the wait is over', async () => {
    await withClient(dsn, 'spillway release/other', async (client) => {
      await client.query('select pg_advisory_lock(1397770572, 1)');
      const error = await failure(port.apply(note, release));
      expect(error.code).toBe('TargetUnavailable');
      expect(error.message).toMatch(/migration lock, held by `spillway release\/other` \(pid \d+\)/);
    });
    await port.apply(note, release);
    expect(await port.isApplied(note)).toBe(true);
  });

  it('asks to try again when an earlier attempt of the same release holds it', async () => {
    await withClient(dsn, `spillway ${release}`, async (client) => {
      await client.query('select pg_advisory_lock(1397770572, 1)');
      expect((await failure(port.apply(note, release))).code).toBe('TargetUnavailable');
    });
  });
});

describe('a table lock in the way', () => {
  it('gives way and applies when the lock is free', async () => {
    const applying = await withClient(dsn, 'a report', async (client) => {
      await client.query('begin; lock table orders in access share mode');
      const started = port.apply(note, release);
      await until('the migrator has given way once', async () => {
        const watch = "select 1 from pg_stat_activity where application_name = 'spillway lock watch'";
        return (await runSql(dsn, watch)).length > 0;
      });
      return { started };
    });
    await applying.started;
    expect(await port.isApplied(note)).toBe(true);
  });

  it('names the session in the way, and has changed nothing', async () => {
    await withClient(dsn, 'a report', async (client) => {
      await client.query('begin; lock table orders in access share mode');
      const error = await failure(port.apply(note, release));
      expect(error.code).toBe('TargetUnavailable');
      expect(error.message).toMatch(/because of `a report` \(pid \d+\)/);
    });
    expect(await port.isApplied(note)).toBe(false);
  });
});

describe('a connection that is cut', () => {
  it('has applied nothing in the middle of an apply, and applies when run again', async () => {
    const before = await port.snapshot();
    const slow = migrateEffect('expand', 'alter table orders add column note text; select pg_sleep(60)', undefined);
    const applying = failure(port.apply(slow, release));
    await untilAsleep();
    await killSessions(`spillway ${release}`);
    expect((await applying).code).toBe('TargetUnavailable');
    expect(await port.snapshot()).toEqual(before);
    await port.apply(note, release);
    expect(await port.isApplied(note)).toBe(true);
  });

  it('loses no batch and repeats none in the middle of a backfill', async () => {
    await runSql(
      dsn,
      `create table pace (id int, slow bool); insert into pace values (1, true);
       create function pause() returns trigger language plpgsql as $$ begin
         if (select slow from pace) and (select count(*) from orders where state = 'open') > 20
           then perform pg_sleep(60); end if;
         return null; end $$;
       create trigger pause after update on orders for each statement execute function pause();`,
    );
    const filling = failure(port.backfill(openOrders, release, ignore, never));
    await untilAsleep();
    await killSessions(`spillway ${release}`);
    expect((await filling).code).toBe('TargetUnavailable');
    expect(await ledger()).toEqual([{ release, done: false, batches: 2, rows: '20' }]);
    await runSql(dsn, 'update pace set slow = false');
    const total = await port.backfill(openOrders, release, ignore, never);
    expect(total).toEqual({ batches: 3, rows: 25 });
    expect(await runSql(dsn, 'select count(*)::int as left from orders where state is null')).toEqual([{ left: 0 }]);
  });
});

describe('SQL that fails', () => {
  it.each<readonly [string, MigrateEffect, RegExp]>([
    [
      'a syntax error',
      migrateEffect('expand', '-- für später\nselect 1;\nalter tabel orders add column note text;\n', undefined),
      /migrations\/0001-orders\.expand\.sql:3:7 sql-does-not-parse: syntax error/,
    ],
    [
      'an unknown table',
      migrateEffect('expand', 'select 1;\nselect 1 from nowhere', undefined),
      /expand\.sql:2:15: .*does not exist.*nowhere.*SQLSTATE 42P01/,
    ],
    [
      'a column that exists',
      migrateEffect('expand', 'alter table orders add column state text', undefined),
      /column exists already.*SQLSTATE 42701/,
    ],
    [
      'an index built concurrently',
      migrateEffect('expand', 'create index concurrently i on orders (state)', undefined),
      /cannot run inside the one transaction.*CONCURRENTLY/,
    ],
    [
      'a commit of its own',
      migrateEffect('expand', 'select 1; commit', undefined),
      /expand\.sql:1:11 .*transaction control/,
    ],
    ['an empty file', migrateEffect('expand', '-- later\n', undefined), /holds no statement/],
  ])('is refused with its place: %s', async (_, effect, message) => {
    const before = await port.snapshot();
    const error = await failure(port.apply(effect, release));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(message);
    expect(await port.snapshot()).toEqual(before);
    expect(await port.isApplied(effect)).toBe(false);
  });

  it.each([
    ['a unique key', "update orders set customer = 'customer-1' where id in (2, 3)", /23505, table orders, constraint/],
    ['a type', 'update orders set id = customer::int where id = 1', /SQLSTATE 22P02/],
    [
      'statements built from rows',
      "do $$ begin execute 'select ' || (select customer from orders limit 1); end $$; update orders set state = 'x'",
      /SQLSTATE 42703/,
    ],
  ])('reveals no row value when a backfill breaks %s', async (_, sql, message) => {
    const error = await failure(port.backfill(migrateEffect('backfill', sql, undefined), release, ignore, never));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.stack}`).not.toContain('customer-1');
    expect(error.cause).toBeUndefined();
  });

  it('refuses a backfill that changes nothing by itself', async () => {
    const error = await failure(
      port.backfill(migrateEffect('backfill', 'select 1', undefined), release, ignore, never),
    );
    expect(error.message).toMatch(/holds no INSERT, UPDATE, DELETE or MERGE/);
  });

  it.each([
    ['two queries', 'select 1; select 2', /must hold one query, it holds 2/],
    ['none', '-- later', /must hold one query, it holds none/],
    ['a wrong column', 'select 1\n  from orders where stat is null', /checks\/a\.sql:2:21: .*SQLSTATE 42703/],
    ['a call that writes', 'select write_order()', /checks\/a\.sql writes, a check may only read/],
  ])('refuses a check with %s', async (_, sql, message) => {
    await runSql(dsn, `create function write_order() returns void language sql as $$ delete from orders $$`);
    const error = await failure(port.violations(sqlFile('checks/a.sql', sql)));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(message);
  });
});

describe('a database that is away', () => {
  it.each([
    ['nobody listens', 'postgres://ann:hunter2@127.0.0.1:1/shop', 'TargetUnavailable', /ECONNREFUSED/],
    ['the DSN is garbage', 'postgres://ann:hunter2@:x:y/', 'Rejected', /DSN cannot be read/],
  ])('is told without the password: %s', async (_, wrong, code, message) => {
    const error = await failure(Promise.resolve().then(() => connect({ dsn: wrong }).snapshot()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.stack}`).not.toContain('hunter2');
  });

  it('is refused when the database does not exist', async () => {
    const error = await failure(connect({ dsn: `${postgres.dsn}_missing` }).snapshot());
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/does not exist/)]);
  });
});
