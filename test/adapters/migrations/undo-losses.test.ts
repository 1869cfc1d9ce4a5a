import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import type { ReconcileRule } from '../../../src/core/plan/reconcile';
import { judgeOldForm } from '../../../src/core/release/reconciliation';
import type { MigrationsPort } from '../../../src/ports/migrations';
import { failure } from '../../support/failure';
import { migrateEffect, sqlFile } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { until } from '../../support/until';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
let dsn: string;
let port: MigrationsPort;

const release = 'release/test/shop/a';
const note = migrateEffect('expand', 'alter table orders add column note text', 'alter table orders drop column note');

const connect = (to: string) => {
  const limits = { lockTimeoutMs: 100, statementTimeoutMs: 10_000 };
  return createPostgresMigrations({ dsn: to, schemas: ['public'], target: 'shop-db', ...limits });
};

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dsn = await createOrdersDatabase(postgres);
  port = connect(dsn);
});

const rule: ReconcileRule = {
  id: 'a/customer',
  migration: 'a',
  target: 'shop-db',
  table: 'public.orders',
  key: 'id',
  old: 'customer',
  new: 'state',
};

const chosen = { by: 'dana', why: 'test rows' };

describe('an undo that loses rows', () => {
  const query = sqlFile('losses.sql', 'select id, customer from orders where id <= 3 -- the first ones');

  it('keeps a checked copy of them, and says in a table whose choice it was', async () => {
    await port.apply(note, release);
    const [copy] = await port.undo(note, release, { queries: [query], chosen });
    expect(await runSql(dsn, `select id, customer from ${copy?.table} order by id`)).toEqual(
      [1, 2, 3].map((id) => ({ id, customer: `customer-${id}` })),
    );
    expect(await runSql(dsn, 'select migration, part, query, rows, chosen_by, why from spillway.lost')).toEqual([
      { migration: '0001-orders', part: 'expand', query: 'losses.sql', rows: '3', chosen_by: 'dana', why: 'test rows' },
    ]);
  });

  it('undoes nothing when the copy cannot be made, and names the file', async () => {
    await port.apply(note, release);
    const broken = sqlFile('losses.sql', 'select id,\n  customers from orders');
    const error = await failure(port.undo(note, release, { queries: [broken], chosen }));
    expect(error.message).toMatch(/losses\.sql:2:3.*42703/);
    expect(await port.isApplied(note)).toBe(true);
    expect(await runSql(dsn, "select 1 from pg_namespace where nspname = 'spillway_kept'")).toEqual([]);
  });

  it('may only be asked for by a query that reads', async () => {
    const error = await failure(
      port.losses(sqlFile('losses.sql', 'with x as (delete from orders returning id) select id from x')),
    );
    expect(error.code).toBe('Rejected');
    expect(await runSql(dsn, 'select 1 from orders')).toHaveLength(25);
  });
});

describe('a row that is written between the question and the undo', () => {
  const long = sqlFile('losses.sql', 'select id from orders where length(note) > 5');
  const write = "update orders set note = 'longer than before' where id = 7";
  /** Somebody has written it and not committed; then the undo comes. */
  const undoBehindWriter = (undo: () => Promise<unknown>) =>
    withClient(dsn, 'late writer', async (writer) => {
      await writer.query('begin');
      await writer.query(write);
      expect(await port.losses(long)).toEqual({ rows: 0, keys: [] });
      const undoing = failure(undo());
      await until('the undo waits', async () => (await runSql(dsn, waiting)).length > 0);
      await writer.query('commit');
      return undoing;
    });
  const waiting =
    'select 1 from pg_locks l join pg_stat_activity a using (pid) where not granted and datname = current_database()';

  it.each([
    ['a lock that stops readers too', note],
    [
      'a lock of rows',
      migrateEffect('expand', 'alter table orders add column note text', 'update orders set note = null where true'),
    ],
    [
      'the lock of an index',
      migrateEffect(
        'expand',
        'alter table orders add column note text; create index orders_note on orders (note)',
        'drop index orders_note; alter table orders drop column note',
      ),
    ],
  ])('is not lost, behind %s', async (_what, part) => {
    await port.apply(part, release);
    const error = await undoBehindWriter(() => port.undo(part, release, { queries: [long] }));
    expect([error.code, error.message]).toEqual(['NotConverged', expect.stringMatching(/would lose 1 row:/)]);
    expect(await runSql(dsn, 'select note from orders where id = 7')).toEqual([{ note: 'longer than before' }]);
    expect(await port.losses(long)).toEqual({ rows: 1, keys: ['7'] });
  });

  it('is seen whatever isolation the role has by default', async () => {
    await runSql(
      dsn,
      "do $$ begin execute format('alter database %I set default_transaction_isolation = %L', current_database(), 'repeatable read'); end $$",
    );
    await port.apply(note, release);
    const error = await undoBehindWriter(() => port.undo(note, release, { queries: [long] }));
    expect(error.code).toBe('NotConverged');
  });

  it('does not ask for a lock that only the role of the file may take', async () => {
    await runSql(
      dsn,
      `do $$ begin
         if to_regrole('keeper') is null then create role keeper; create role visitor login; grant keeper to visitor with inherit false; end if;
         execute format('grant create on database %I to visitor', current_database());
       end $$;
       alter table orders owner to keeper; grant create on schema public to keeper; grant select on orders to visitor`,
    );
    const visitor = connect(dsn.replace('postgres@', 'visitor@'));
    const own = migrateEffect(
      'expand',
      `set local role keeper; ${note.apply.sql}`,
      'set local role keeper; alter table orders drop column note',
    );
    await visitor.apply(own, release);
    expect(await visitor.undo(own, release, { queries: [long] })).toEqual([]);
    expect(await visitor.isApplied(own)).toBe(false);
  });

  it('is not taken for one that somebody chose to lose', async () => {
    await port.apply(note, release);
    await runSql(dsn, "update orders set note = 'a longer text' where id = 3");
    const losses = { queries: [long], chosen: { ...chosen, rows: 1 } };
    await runSql(dsn, write);
    const error = await failure(port.undo(note, release, losses));
    expect(error.message).toMatch(/would lose 2 rows, dana chose to lose 1:/);
    expect(await runSql(dsn, "select 1 from pg_namespace where nspname = 'spillway_kept'")).toEqual([]);
    const [copy] = await port.undo(note, release, { ...losses, chosen: { ...chosen, rows: 2 } });
    expect(await runSql(dsn, `select id from ${copy?.table} order by id`)).toEqual([{ id: 3 }, { id: 7 }]);
  });
});

describe('the old form of the data', () => {
  const judged = async () => {
    const change = await port.readOldForm(rule, release);
    return change && judgeOldForm(change);
  };
  const undoThat = (sql: string) =>
    migrateEffect('expand', 'alter table orders add column note text', `alter table orders drop column note; ${sql}`);

  it('may be written by users meanwhile: that is told apart from the undo', async () => {
    await port.apply(note, release);
    await port.rememberOldForm(rule, release);
    await port.undo(note, release);
    await runSql(
      dsn,
      "update orders set customer = 'new name' where id = 7; insert into orders values (26, null, 'z')",
    );
    expect(await judged()).toEqual({ rowsBefore: 25, rowsNow: 26, writtenSince: 2, damaged: 0 });
  });

  it.each([
    ['rewrites', 'update orders set customer = left(customer, 5) || id where id <= 4'],
    ['empties', 'delete from orders'],
  ])('is damaged by an undo that %s it', async (_what, sql) => {
    const effect = undoThat(sql);
    await port.apply(effect, release);
    await port.rememberOldForm(rule, release);
    await port.undo(effect, release);
    expect((await judged())?.damaged).toBeGreaterThan(0);
  });
});

describe('two forms of a row', () => {
  it('are compared beside a writer, in one view of the table', async () => {
    await runSql(dsn, 'update orders set state = customer');
    await withClient(dsn, 'writer', async (client) => {
      await client.query('begin');
      await client.query("update orders set customer = 'half done' where id = 1");
      expect(await port.reconcile(rule)).toMatchObject({
        rows: 25,
        differing: 0,
        old: { rows: 25 },
        new: { rows: 25 },
      });
      await client.query('rollback');
    });
    await runSql(dsn, 'update orders set state = null where id = 9');
    expect(await port.reconcile(rule)).toMatchObject({ differing: 1, keys: ['9'], new: { rows: 24 } });
  });

  it('are named when an expression is wrong, without a value of a row', async () => {
    const error = await failure(port.reconcile({ ...rule, new: 'customer::int' }));
    expect(error.message).toMatch(/reconcile a\/customer.*22P02/);
    expect(error.message).not.toContain('customer-');
  });
});
