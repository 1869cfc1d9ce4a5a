import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import type { BackfillProgress, MigrationsPort } from '../../../src/ports/migrations';
import { startStack, type Stack } from '../../../src/stack/start-stack';
import { failure } from '../../support/failure';
import { keyedBackfill } from '../../support/keyed-backfill';
import { migrateEffect, sqlFile } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql } from '../../support/orders-database';
import { startRelay, type Relay } from '../../support/relay';
import { startReplica, type Replica } from '../../support/replica';
import { until } from '../../support/until';

let stack: Stack;
let standby: Replica;
/** What the worker connects to: the primary, whichever that is. */
let service: Relay;
/** What the standby gets its changes through. */
let stream: Relay;
let port: MigrationsPort;
let primaryDsn: string;
let standbyDsn: string;
let serviceDsn: string;

const release = 'release/test/shop/a';
const never = new AbortController().signal;
const ignore = () => undefined;
const note = migrateEffect('expand', 'alter table orders add column note text', 'alter table orders drop column note');

const through = (relay: Relay, dsn: string): string => {
  const url = new URL(dsn);
  relay.to(url.host);
  url.host = relay.host;
  return url.href;
};
const ledger = (dsn: string) =>
  runSql(dsn, 'select part, applied_at is not null as done, batches from spillway.ledger');
const untilReceived = (batches: number) =>
  until('the standby has it', async () => (await ledger(standbyDsn)).some((row) => row['batches'] === batches));
/** The primary dies; nobody has said yet that the standby takes its place. */
const losePrimary = async () => {
  await stack.postgres.kill();
  service.to(new URL(standbyDsn).host);
  service.cut();
};
const failOver = async () => {
  await losePrimary();
  await standby.promote();
};

beforeEach(async () => {
  stack = await startStack({ parts: ['postgres'], postgres: { fsync: false } });
  const { postgres } = stack;
  primaryDsn = await createOrdersDatabase({
    dsn: postgres.dsn(),
    createDatabase: (name) => postgres.createDatabase(name),
    stop: () => stack.stop(),
  });
  [service, stream] = [await startRelay(), await startRelay()];
  standby = await startReplica(through(stream, postgres.dsn()), 'standby');
  standbyDsn = standby.dsn(new URL(primaryDsn).pathname.slice(1));
  serviceDsn = through(service, primaryDsn);
  port = createPostgresMigrations({
    dsn: serviceDsn,
    schemas: ['public'],
    lockTimeoutMs: 1_000,
    statementTimeoutMs: 60_000,
    target: 'shop-db',
  });
});
afterEach(async () => {
  await Promise.all([service.close(), stream.close()]);
  await standby.stop();
  await stack.stop();
});

describe('the database fails over to its standby', () => {
  it('in the middle of an expand, which waits until the standby takes writes, and is there once', async () => {
    const slow = migrateEffect(
      'expand',
      `select pg_sleep(2); ${note.apply.sql}`,
      'alter table orders drop column note',
    );
    const applying = failure(port.apply(slow, release));
    const asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    await until('it is at it', async () => (await runSql(primaryDsn, asleep)).length > 0);
    await losePrimary();
    expect((await applying).code).toBe('TargetUnavailable');
    const early = await failure(port.apply(slow, release));
    expect([early.code, early.message]).toEqual([
      'TargetUnavailable',
      expect.stringMatching(/takes no writes now \(a standby, or read only\) \(SQLSTATE 25006\)/),
    ]);
    await standby.promote();
    await port.apply(slow, release);
    expect(await ledger(serviceDsn)).toEqual([{ part: 'expand', done: true, batches: 0 }]);
    expect(await runSql(serviceDsn, 'select note from orders limit 1')).toEqual([{ note: null }]);
  });

  it('which never heard of an expand that was done: its undo finds nothing to undo, and keeps a late one out', async () => {
    const before = await port.snapshot();
    stream.freeze();
    await port.apply(note, release);
    await failOver();
    expect(await port.isApplied(note)).toBe(false);
    expect(await port.undo(note, release)).toEqual([]);
    expect((await failure(port.apply(note, release))).code).toBe('Conflict');
    expect(await port.snapshot()).toEqual(before);
  });

  it('which never heard of the last batch of a backfill: it runs again there, and no row is filled twice', async () => {
    await runSql(primaryDsn, 'alter table orders add column filled int not null default 0');
    const counting = keyedBackfill('update orders set filled = filled + 1 where id > $1 and id <= $2', {
      throttle: { replicaLagMs: 600_000 },
    });
    const seen: BackfillProgress[] = [];
    let most = 1;
    const whyRest = () => Promise.resolve((seen.at(-1)?.batches ?? 0) < most ? undefined : 'the test says so');
    const filling = failure(port.backfill(counting, release, (one) => seen.push(one), never, whyRest));
    await until('one batch is done', () => seen.at(-1)?.batches === 1);
    await untilReceived(1);
    stream.freeze();
    most = 2;
    await until('two batches are done', () => seen.at(-1)?.batches === 2);
    await failOver();
    expect((await filling).code).toBe('TargetUnavailable');
    expect(await ledger(serviceDsn)).toEqual([{ part: 'backfill', done: false, batches: 1 }]);
    expect(await port.backfill(counting, release, ignore, never)).toEqual({ batches: 3, rows: 25 });
    expect(await runSql(serviceDsn, 'select filled, count(*)::int as rows from orders group by 1')).toEqual([
      { filled: 1, rows: 25 },
    ]);
  });

  it('which never heard of an undo that was done: it is undone there too, with the copy of what it loses', async () => {
    const before = await port.snapshot();
    await port.apply(note, release);
    await runSql(primaryDsn, "update orders set note = 'a long note' where id = 3");
    const query = sqlFile('losses.sql', 'select id, note from orders where note is not null');
    const losses = { queries: [query], chosen: { by: 'dana', why: 'test rows', rows: 1 } };
    await until(
      'the standby has it',
      async () =>
        (await runSql(standbyDsn, "select from information_schema.columns where column_name = 'note'")).length > 0 &&
        (await runSql(standbyDsn, 'select from orders where note is not null')).length > 0,
    );
    stream.freeze();
    const copies = await port.undo(note, release, losses);
    await failOver();
    expect(await port.isUndoDue(note, release)).toBe(true);
    expect(await port.undo(note, release, losses)).toEqual(copies);
    expect(await port.snapshot()).toEqual(before);
    expect(await runSql(serviceDsn, `select id, note from ${copies[0]?.table}`)).toEqual([
      { id: 3, note: 'a long note' },
    ]);
  });

  it('in the middle of an undo, which goes on there', async () => {
    const before = await port.snapshot();
    const slow = migrateEffect('expand', note.apply.sql, 'select pg_sleep(2); alter table orders drop column note');
    await port.apply(slow, release);
    await until(
      'the standby has it',
      async () =>
        (await runSql(standbyDsn, "select from information_schema.columns where column_name = 'note'")).length > 0,
    );
    const undoing = failure(port.undo(slow, release));
    const asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    await until('it is at it', async () => (await runSql(primaryDsn, asleep)).length > 0);
    await failOver();
    expect((await undoing).code).toBe('TargetUnavailable');
    await port.undo(slow, release);
    expect(await port.snapshot()).toEqual(before);
    expect(await port.isApplied(slow)).toBe(false);
  });
});
