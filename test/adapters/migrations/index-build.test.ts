import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import type { DataProgress } from '../../../src/core/backfill/progress';
import type { MigrationsPort } from '../../../src/ports/migrations';
import { failure } from '../../support/failure';
import { keyedBackfill } from '../../support/keyed-backfill';
import { migrateEffect } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { until } from '../../support/until';

let postgres: TestPostgres;
let dsn: string;
let port: MigrationsPort;

const connect = () =>
  createPostgresMigrations({
    dsn,
    schemas: ['public'],
    lockTimeoutMs: 100,
    statementTimeoutMs: 10_000,
    target: 'shop-db',
  });
const release = 'release/test/shop/a';
const never = new AbortController().signal;
const ignore = () => undefined;

const byState = migrateEffect(
  'index',
  '-- for the list of open orders\ncreate index concurrently orders_state on public.orders (state);\n',
  'drop index concurrently if exists public.orders_state',
);
const validity = () =>
  runSql(dsn, "select indisvalid as valid from pg_index where indexrelid = to_regclass('public.orders_state')");

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dsn = await createOrdersDatabase(postgres);
  port = connect();
});

/** A session whose open transaction every build has to wait for, while `work` runs. */
const besideOldTransaction = (work: (letGo: () => Promise<unknown>) => Promise<void>) =>
  withClient(dsn, 'a report', async (client) => {
    await client.query("begin; update orders set state = 'x' where id = 1");
    await work(() => client.query('rollback'));
  });
const building = 'select pid from pg_stat_progress_create_index where datname = current_database()';
const untilBuilding = () => until('the index is being built', async () => (await runSql(dsn, building)).length > 0);

it('waits for older transactions however long, says for whom, and keeps no writer waiting', async () => {
  const seen: DataProgress[] = [];
  await besideOldTransaction(async (letGo) => {
    const built = port.buildIndex(byState, release, (one) => seen.push(one), never);
    await until('the build says for whom it waits', () => seen.some(({ phase }) => phase?.includes('a report')));
    await runSql(dsn, "update orders set state = 'y' where id = 2");
    await letGo();
    await built;
  });
  expect(await validity()).toEqual([{ valid: true }]);
  expect(await port.isApplied(byState)).toBe(true);
});

it('stops at once when it is told to, and its undo leaves nothing', async () => {
  const stop = new AbortController();
  await besideOldTransaction(async (letGo) => {
    const stopped = failure(port.buildIndex(byState, release, ignore, stop.signal));
    await untilBuilding();
    stop.abort();
    expect((await stopped).message).toMatch(/stopped; its undo drops what it left/);
    await letGo();
  });
  await port.undo(byState, release);
  expect(await validity()).toEqual([]);
});

it('builds anew what a cut connection left half-built', async () => {
  await besideOldTransaction(async (letGo) => {
    const cut = failure(port.buildIndex(byState, release, ignore, never));
    await untilBuilding();
    await until('the half-built index is there', async () => (await validity()).length === 1);
    await runSql(dsn, `select pg_terminate_backend(pid) from (${building}) b`);
    expect((await cut).code).toBe('TargetUnavailable');
    await letGo();
  });
  expect(await validity()).toEqual([{ valid: false }]);
  await port.buildIndex(byState, release, ignore, never);
  expect(await validity()).toEqual([{ valid: true }]);
});

it('a build that was cut off is taken back as well', async () => {
  await besideOldTransaction(async (letGo) => {
    const cut = failure(port.buildIndex(byState, release, ignore, never));
    await until('the half-built index is there', async () => (await validity()).length === 1);
    await runSql(dsn, `select pg_terminate_backend(pid) from (${building}) b`);
    await cut;
    await letGo();
  });
  await port.undo(byState, release);
  expect(await validity()).toEqual([]);
});

it('rows that are not unique end a unique index with the constraint, no value, and nothing left of it', async () => {
  await runSql(dsn, "update orders set state = 'a-value-nobody-may-see'");
  const unique = migrateEffect('index', 'create unique index concurrently orders_state on orders (state)', undefined);
  const error = await failure(port.buildIndex(unique, release, ignore, never));
  expect([error.code, error.message]).toEqual([
    'Rejected',
    expect.stringMatching(/index\.sql: a value would appear twice in a unique key \(SQLSTATE 23505.*orders_state/),
  ]);
  expect(error.message).not.toContain('a-value-nobody-may-see');
  expect(await validity()).toEqual([]);
});

it('an index of that name that somebody else built is left alone, also by the undo', async () => {
  await runSql(dsn, 'create index orders_state on orders (id, state)');
  const error = await failure(port.buildIndex(byState, release, ignore, never));
  expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/index public\.orders_state exists/)]);
  await port.undo(byState, release);
  expect(await validity()).toEqual([{ valid: true }]);
});

it('another release that waits for the migration lock does not stand in the way of a build', async () => {
  await besideOldTransaction(async (letGo) => {
    const built = port.buildIndex(byState, release, ignore, never);
    await untilBuilding();
    const other = failure(connect().backfill(keyedBackfill(), 'release/test/shop/b', ignore, never));
    await letGo();
    await built;
    // Either it waited long enough, or it was told who holds the lock.
    expect((await other.catch(() => undefined))?.code ?? 'Conflict').toBe('Conflict');
  });
  expect(await validity()).toEqual([{ valid: true }]);
});

it.each([
  ['two statements', 'create index concurrently a on orders (id); select 1'],
  ['no name', 'create index concurrently on orders (state)'],
  ['if not exists', 'create index concurrently if not exists a on orders (state)'],
  ['a build that locks', 'create index a on orders (state)'],
])('a file is refused with %s', async (_, sql) => {
  const error = await failure(port.buildIndex(migrateEffect('index', sql, undefined), release, ignore, never));
  expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/must hold one `create index conc/)]);
});
