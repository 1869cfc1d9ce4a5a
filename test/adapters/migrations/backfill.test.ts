import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import type { BackfillProgress, MigrationsPort } from '../../../src/ports/migrations';
import { failure } from '../../support/failure';
import { keyedBackfill } from '../../support/keyed-backfill';
import { migrateEffect } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { until } from '../../support/until';

let postgres: TestPostgres;
let dsn: string;
let port: MigrationsPort;

const connect = (change: { readonly lockTimeoutMs?: number; readonly statementTimeoutMs?: number } = {}) =>
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
const left = async (table = 'orders') => {
  const [row] = await runSql(dsn, `select count(*)::int as left from ${table} where state is null`);
  return row?.['left'];
};
const ledger = () =>
  runSql(dsn, 'select applied_at is not null as done, batches, rows::int, passed::int from spillway.ledger');

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dsn = await createOrdersDatabase(postgres);
  port = connect();
});

describe('any key that has an order', () => {
  it.each([
    ['smallint', 'i::smallint'],
    ['bigint', 'i * 1000000007::bigint'],
    ['numeric', "i * -0.5 + ('1' || repeat('0', 30))::numeric"],
    ['uuid', 'md5(i::text)::uuid'],
    ['text', `repeat(chr(160 + i), 3) || '''\\'`],
    ['character(12)', "'k' || i"],
    ['timestamptz', "timestamptz '2026-03-29 00:30:00+00' + i * interval '7 minutes'"],
    ['bytea', "decode(md5(i::text), 'hex')"],
    ['key_domain', 'i'],
  ])('%s: every row once', async (type, value) => {
    await runSql(
      dsn,
      `create domain key_domain as int;
       create table "Odd ""Name" ("Key; x" ${type} primary key, state text, times int not null default 0);
       insert into "Odd ""Name" select ${value} from generate_series(1, 25) i; analyze`,
    );
    const effect = keyedBackfill(
      `-- one stretch\nupdate "Odd ""Name" set state = 'open', times = times + 1\n where "Key; x" > $1 and "Key; x" <= $2;\n`,
      { key: { table: 'public."Odd ""Name"', column: 'Key; x', rows: 7 } },
    );
    const seen: BackfillProgress[] = [];
    const total = await port.backfill(effect, release, (progress) => seen.push(progress), never);
    expect(total).toEqual({ batches: 4, rows: 25 });
    expect(seen.at(-1)).toMatchObject({ done: 25, estimated: 25, unit: 'rows' });
    expect(await runSql(dsn, 'select distinct times, state from "Odd ""Name"')).toEqual([{ times: 1, state: 'open' }]);
  });

  it('begins anew, not at another key, when the key was changed in between', async () => {
    await runSql(dsn, 'alter table orders add column other int; update orders set other = 26 - id');
    await runSql(dsn, 'alter table orders alter other set not null, add unique (other)');
    const sql = "update orders set state = 'open' where id > $1 and id <= $2 or other > $1 and other <= $2";
    const stop = new AbortController();
    const first = keyedBackfill(sql, { key: { column: 'id' } });
    await failure(port.backfill(first, release, () => stop.abort(), stop.signal));
    await port.backfill(keyedBackfill(sql, { key: { column: 'other' } }), 'release/test/shop/b', ignore, never);
    expect(await left()).toBe(0);
  });

  it('ends when no key is left, whatever was written behind it meanwhile', async () => {
    const late = () => void runSql(dsn, "insert into orders values (-5, null, 'late') on conflict do nothing");
    await port.backfill(keyedBackfill(), release, late, never);
    expect(await left()).toBeLessThanOrEqual(1);
    expect(await port.isApplied(keyedBackfill())).toBe(true);
  });
});

describe('a key that would miss rows is refused', () => {
  it.each([
    ['no such table', { table: 'nowhere' }, /key nowhere\.id names no table/],
    ['no such column', { column: 'ID' }, /key orders\.ID names no column/],
    ['no unique index', { column: 'state' }, /has no unique index or primary key/],
    ['a column that may be null', { column: 'code' }, /may be null/],
    ['a partial index', { column: 'part' }, /has no unique index/],
    ['a type without a smallest value', { column: 'place' }, /is of type inet, which has no smallest value/],
    ['a row with the smallest value', { column: 'nil' }, /has a row with the smallest value of type uuid/],
  ])('%s', async (_, key, message) => {
    await runSql(
      dsn,
      `alter table orders add code int unique, add part int not null default 1, add place inet, add nil uuid;
       update orders set place = ('10.0.0.' || id)::inet, nil = lpad(to_hex(id - 1), 32, '0')::uuid;
       alter table orders alter place set not null, alter nil set not null, add unique (place), add unique (nil);
       create unique index on orders (part) where id < 2`,
    );
    const error = await failure(port.backfill(keyedBackfill(undefined, { key }), release, ignore, never));
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(message)]);
    expect(await left()).toBe(25);
  });

  it.each([
    ['two statements', 'update orders set id = id where id > $1 and id <= $2; select 1', /must hold one statement/],
    ['a wrong column', "update orders\n set stat = 'x' where id > $1 and id <= $2", /backfill\.sql:2:6: .*42703/],
    ['one that changes nothing', 'select from orders where id > $1 and id <= $2', /holds no INSERT, UPDATE/],
  ])('and so is %s', async (_, sql, message) => {
    const error = await failure(port.backfill(keyedBackfill(sql), release, ignore, never));
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(message)]);
  });
});

describe('a row that fails', () => {
  const secret = 'a-value-nobody-may-see';
  const badRow = `update orders set customer = '${secret}' where id = 17`;

  it('is named by its key, with file, line and SQLSTATE, and no value of it; the rows before it are done', async () => {
    await runSql(dsn, `alter table orders add number int; ${badRow}`);
    const sql =
      "-- numbers\nupdate orders set state = 'open',\n number = replace(customer, 'customer-', '')::int\n where id > $1 and id <= $2";
    const error = await failure(port.backfill(keyedBackfill(sql), release, ignore, never));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(
      /0001-orders\.backfill\.sql:2: row id = 17: a value does not fit its type \(SQLSTATE 22P02\); mend that row/,
    );
    expect(`${error.message} ${error.stack}`).not.toContain(secret);
    expect(
      await runSql(dsn, 'select max(id) as last, count(*)::int as done from orders where number is not null'),
    ).toEqual([{ last: 16, done: 16 }]);
    await runSql(dsn, "update orders set customer = 'customer-17' where id = 17");
    expect(await port.backfill(keyedBackfill(sql), 'release/test/shop/b', ignore, never)).toMatchObject({ rows: 25 });
  });

  it('is found among a million, row 734,512, in some twenty tries', async () => {
    await runSql(
      dsn,
      `create unlogged table many (id int primary key, state text);
       insert into many select i, case i when 734512 then 'x' else '1' end from generate_series(1, 1000000) i`,
    );
    const effect = keyedBackfill("update many set state = 'ok' where id > $1 and id <= $2 and state::int = 1", {
      key: { table: 'many', rows: 1_000_000 },
    });
    const error = await failure(port.backfill(effect, release, ignore, never));
    expect(error.message).toMatch(/row id = 734512: a value does not fit its type \(SQLSTATE 22P02\)/);
    expect(await runSql(dsn, "select count(*)::int as done from many where state = 'ok'")).toEqual([{ done: 734_511 }]);
  });

  it('is one that a constraint or a trigger refuses as well', async () => {
    await runSql(dsn, 'alter table orders add check (id <> 12 or state is null)');
    const error = await failure(port.backfill(keyedBackfill(), release, ignore, never));
    expect(error.message).toMatch(/row id = 12: a check constraint would be broken \(SQLSTATE 23514, table orders/);
  });
});

describe('batches as large as the database can take', () => {
  const slowAbove = (rows: number, seconds: number) => `
    create table log (rows int);
    create function pace() returns trigger language plpgsql as $$ declare n int; begin
      select count(*) into n from changed; insert into log values (n);
      if n > ${rows} then perform pg_sleep(${seconds}); end if; return null; end $$;
    create trigger pace after update on orders referencing new table as changed
      for each statement execute function pace();`;

  it('halves them while they are slow, and lets them grow again', async () => {
    await runSql(dsn, slowAbove(6, 0.3));
    const effect = keyedBackfill(undefined, { throttle: { statementMs: 250 } });
    expect(await port.backfill(effect, release, ignore, never)).toMatchObject({ rows: 25 });
    const sizes = (await runSql(dsn, 'select rows from log')).map(({ rows }) => rows);
    expect(sizes.slice(0, 3)).toEqual([10, 5, 10]);
  });

  it('makes them far smaller when one runs out of time, and loses nothing', async () => {
    await runSql(dsn, slowAbove(6, 30));
    const total = await connect({ statementTimeoutMs: 300 }).backfill(keyedBackfill(), release, ignore, never);
    expect(total.rows).toBe(25);
  });

  it('says so when one row alone runs out of time', async () => {
    await runSql(dsn, slowAbove(0, 30));
    const error = await failure(connect({ statementTimeoutMs: 200 }).backfill(keyedBackfill(), release, ignore, never));
    expect(error.code).toBe('TargetUnavailable');
    expect(error.message).toMatch(/the statement ran out of time.*SQLSTATE 57014/);
  });
});

describe('what triggers can know', () => {
  it('is that the backfill writes: a session setting says so, in its transactions alone', async () => {
    await runSql(
      dsn,
      `create table seen (by text);
       create function note() returns trigger language plpgsql as $$ begin
         insert into seen values (current_setting('spillway.backfill', true)); return null; end $$;
       create trigger note after update on orders for each statement execute function note()`,
    );
    await port.backfill(keyedBackfill(), release, ignore, never);
    await runSql(dsn, "update orders set state = 'closed'");
    expect(
      await runSql(dsn, "select coalesce(nullif(by, ''), '-') as by, count(*)::int from seen group by 1 order by 2"),
    ).toEqual([
      { by: '-', count: 1 },
      { by: 'on', count: 3 },
    ]);
  });
});

describe('a rest that lasts too long', () => {
  it('ends the backfill with the reason, and what is done stays done', async () => {
    const effect = keyedBackfill(undefined, { restAtMostMs: 300 });
    let asked = 0;
    const whyRest = () => Promise.resolve((asked += 1) === 1 ? undefined : 'guardrail http-errors fails');
    const seen: BackfillProgress[] = [];
    const error = await failure(port.backfill(effect, release, (one) => seen.push(one), never, whyRest));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/rested for .* because guardrail http-errors fails; .*start a new release/),
    ]);
    expect(seen.at(-1)?.resting?.untilMs).toEqual(expect.any(Number));
    expect(await ledger()).toEqual([{ done: false, batches: 1, rows: 10, passed: 10 }]);
  });
});

describe('a ledger of an earlier version', () => {
  it('is read as it is, taken over by the next change, and keeps what it says', async () => {
    await runSql(
      dsn,
      `create schema spillway;
       create table spillway.ledger (
         migration text not null, part text not null check (part in ('expand', 'backfill', 'contract')),
         checksum text not null, release text not null, started_at timestamptz not null default now(),
         applied_at timestamptz, undone_at timestamptz, batches integer not null default 0,
         rows bigint not null default 0, primary key (migration, part));
       insert into spillway.ledger (migration, part, checksum, release, applied_at, batches, rows)
         values ('0000-old', 'expand', 'abc', 'release/test/shop/old', now(), 0, 0),
                ('0001-orders', 'backfill', '${keyedBackfill().apply.sha256}', 'release/test/shop/old', null, 1, 10)`,
    );
    expect(await port.isApplied(keyedBackfill())).toBe(false);
    // The entry of then has no key yet: the rows are gone over from the first one on.
    expect(await port.backfill(keyedBackfill(), release, ignore, never)).toEqual({ batches: 4, rows: 35 });
    expect(await left()).toBe(0);
    expect(
      await runSql(dsn, "select applied_at is not null as done from spillway.ledger where migration = '0000-old'"),
    ).toEqual([{ done: true }]);
  });
});

describe('two releases', () => {
  const other = migrateEffect(
    'expand',
    'alter table orders add column note text',
    'alter table orders drop column note',
    '0002-note',
  );

  it('take turns in one database: who rests keeps nobody waiting, forward or back', async () => {
    const seen: BackfillProgress[] = [];
    let isHeld = true;
    const first = port.backfill(
      keyedBackfill(),
      release,
      (one) => seen.push(one),
      never,
      () => Promise.resolve(isHeld ? 'the test says so' : undefined),
    );
    await until('the first rests', () => seen.length > 0);
    await connect().apply(other, 'release/test/shop/b');
    await connect().undo(other, 'release/test/shop/b');
    expect(await connect().isApplied(other)).toBe(false);
    isHeld = false;
    expect(await first).toEqual({ batches: 3, rows: 25 });
    expect(seen.map(({ resting }) => resting?.because)).toContain('the test says so');
  });

  it('take turns in one database: who fills lets somebody in who waits, and says so', async () => {
    await runSql(dsn, 'insert into orders select i, null, i from generate_series(26, 400) i');
    const seen: BackfillProgress[] = [];
    const sql = "update orders set state = 'open' where id > $1 and id <= $2 and pg_sleep(0.01) is not null";
    const slow = keyedBackfill(sql, { throttle: { statementMs: 200 } });
    const filling = port.backfill(slow, release, (one) => seen.push(one), never);
    await until('it fills', () => seen.length > 0);
    await connect().apply(other, 'release/test/shop/b');
    expect(seen.at(-1)?.done).toBeLessThan(400);
    expect((await filling).rows).toBe(400);
    expect(seen.map(({ resting }) => resting?.because)).toContain('somebody else waits for the migration lock');
  });

  it('take turns in one database: who cannot have it back rests, and says who has it', async () => {
    const seen: BackfillProgress[] = [];
    let because: string | undefined = 'the test says so';
    const whyRest = () => Promise.resolve(because);
    const filling = port.backfill(keyedBackfill(), release, (one) => seen.push(one), never, whyRest);
    await until('it rests', () => seen.length > 0);
    await withClient(dsn, 'spillway release/other', async (client) => {
      await client.query('select pg_advisory_lock(1397770572, 1)');
      because = undefined;
      const held = '`spillway release/other` holds the migration lock';
      await until('it says who', () => seen.some(({ resting }) => resting?.because === held));
      expect(await left()).toBe(25);
    });
    expect((await filling).rows).toBe(25);
  });
});

describe('a row that another session has locked', () => {
  it('is waited for a few times; then the session is named, and the rows before it are done', async () => {
    await withClient(dsn, 'a report', async (client) => {
      await client.query('begin; select from orders where id = 15 for update');
      const error = await failure(port.backfill(keyedBackfill(), release, ignore, never));
      expect([error.code, error.message]).toEqual([
        'TargetUnavailable',
        expect.stringMatching(/a lock was not free .* because of `a report` \(pid \d+\)/),
      ]);
      expect(await ledger()).toEqual([{ done: false, batches: 1, rows: 10, passed: 10 }]);
    });
    expect(await port.backfill(keyedBackfill(), release, ignore, never)).toEqual({ batches: 3, rows: 25 });
  });
});
