import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { accountEffects, seedSql, wrongSql } from '../../../bench/data/accounts';
import { killFillers } from '../../../bench/data/kill-fillers';
import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import type { BackfillProgress, MigrationsPort } from '../../../src/ports/migrations';
import { findPostgresOwner } from '../../../src/stack/postgres-binaries';
import { startStack, type Stack } from '../../../src/stack/start-stack';
import { failure } from '../../support/failure';
import { keyedBackfill } from '../../support/keyed-backfill';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startReplica } from '../../support/replica';
import { temporaryDirectory } from '../../support/temporary-directory';
import { until } from '../../support/until';

let stack: Stack;
let dsn: string;
let port: MigrationsPort;

const release = 'release/test/shop/a';
const never = new AbortController().signal;
const ignore = () => undefined;
const connect = (to: string) =>
  createPostgresMigrations({
    dsn: to,
    schemas: ['public'],
    lockTimeoutMs: 100,
    statementTimeoutMs: 60_000,
    target: 'shop-db',
  });
const ledger = () => runSql(dsn, 'select applied_at is not null as done, batches, rows::int from spillway.ledger');
/** The second batch of every backfill sleeps until it is let go on. */
const sleepInSecondBatch = () =>
  runSql(
    dsn,
    `create table pace (slow bool); insert into pace values (true);
     create function pause() returns trigger language plpgsql as $$ begin
       if (select slow from pace) and (select count(*) from orders where state = 'open') > 10
         then perform pg_sleep(60); end if;
       return null; end $$;
     create trigger pause after update on orders for each statement execute function pause()`,
  );
const untilAsleep = () =>
  until('the second batch sleeps', async () => {
    const asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    return (await runSql(dsn, asleep)).length > 0;
  });
const expectWhole = async () => {
  await runSql(dsn, 'update pace set slow = false');
  expect(await port.backfill(keyedBackfill(), release, ignore, never)).toEqual({ batches: 3, rows: 25 });
};

beforeAll(async () => {
  stack = await startStack({ parts: ['postgres'], postgres: { fsync: false } });
});
afterAll(() => stack.stop());
beforeEach(async () => {
  const { postgres } = stack;
  dsn = await createOrdersDatabase({
    dsn: postgres.dsn(),
    createDatabase: (name) => postgres.createDatabase(name),
    stop: () => stack.stop(),
  });
  port = connect(dsn);
});

describe('in the middle of a batch', () => {
  it.each([
    [
      'the connection is cut',
      () =>
        runSql(
          dsn,
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spillway ${release}'`,
        ),
    ],
    [
      'the database is killed and restarted',
      async () => {
        await stack.postgres.kill();
        await stack.postgres.start();
      },
    ],
    [
      'the database is stopped and restarted',
      async () => {
        await stack.postgres.stop();
        await stack.postgres.start();
      },
    ],
  ])('%s: that batch alone is done again', async (_, fault) => {
    await sleepInSecondBatch();
    const filling = failure(port.backfill(keyedBackfill(), release, ignore, never));
    await untilAsleep();
    await fault();
    expect((await filling).code).toBe('TargetUnavailable');
    expect(await ledger()).toEqual([{ done: false, batches: 1, rows: 10 }]);
    await expectWhole();
  });

  it('the process that fills is killed, three times: each kill costs one batch at most, and no row is left or doubled', async () => {
    const accounts = await stack.postgres.createDatabase('accounts');
    await runSql(accounts, seedSql(40_000));
    await connect(accounts).apply(accountEffects().expand, 'release/killed');
    const found = await killFillers(accounts, { kills: 3, batchRows: 400, afterMs: () => 20 });
    expect(found).toMatchObject({ rows: 40_000 });
    expect(found.kills).toBeGreaterThan(0);
    expect(found.redoneMost).toBeLessThanOrEqual(1);
    expect(await runSql(accounts, wrongSql)).toEqual([]);
  });
});

describe('a server that has no room', () => {
  it('says that it has no connection left, and the backfill goes on when it has', async () => {
    await runSql(
      dsn,
      'create role visitor login; grant all on schema public to visitor; grant all on orders to visitor',
    );
    await runSql(
      dsn,
      `do $$ begin execute format('grant create on database %I to visitor', current_database());
      execute format('alter database %I connection limit 1', current_database()); end $$`,
    );
    const visitor = connect(dsn.replace('postgres@', 'visitor@'));
    await withClient(dsn.replace('postgres@', 'visitor@'), 'a crowd', async () => {
      const error = await failure(visitor.backfill(keyedBackfill(), release, ignore, never));
      expect([error.code, error.message]).toEqual([
        'TargetUnavailable',
        expect.stringMatching(/no connection left \(SQLSTATE 53300\); wait, or raise max_connections/),
      ]);
    });
    await until('the crowd has left', () =>
      visitor.backfill(keyedBackfill(), release, ignore, never).then(({ rows }) => rows === 25),
    );
  });

  it('says that its disk is full, and loses nothing', async () => {
    const disk = await smallDisk();
    try {
      if (disk.isReal) await runSql(dsn, `create tablespace small location '${disk.path}'`);
      await runSql(
        dsn,
        disk.isReal
          ? `create table big (id int, stuff text) tablespace small;
             create function fill() returns trigger language plpgsql as $$ begin
               if new.id > 10 then insert into big select i, repeat(md5(i::text), 30) from generate_series(1, 20000) i; end if;
               return new; end $$;`
          : `create function fill() returns trigger language plpgsql as $$ begin
               if new.id > 10 then raise exception 'could not extend file' using errcode = '53100'; end if;
               return new; end $$;`,
      );
      await runSql(dsn, 'create trigger fill before update on orders for each row execute function fill()');
      const error = await failure(port.backfill(keyedBackfill(), release, ignore, never));
      expect([error.code, error.message]).toEqual([
        'TargetUnavailable',
        expect.stringMatching(/backfill\.sql:1: the disk of the server is full \(SQLSTATE 53100\); make room/),
      ]);
      expect(await ledger()).toEqual([{ done: false, batches: 1, rows: 10 }]);
      await runSql(dsn, 'drop trigger fill on orders; drop table if exists big');
      expect(await port.backfill(keyedBackfill(), release, ignore, never)).toEqual({ batches: 3, rows: 25 });
      if (disk.isReal) await runSql(dsn, 'drop tablespace small');
    } finally {
      await disk.remove();
    }
  });
});

/** A file system of 4 MB where this user may mount one; elsewhere the server is made to say what it would say then. */
async function smallDisk() {
  const { path, remove } = await temporaryDirectory();
  const owner = findPostgresOwner();
  let isReal = false;
  try {
    const who = owner === undefined ? '' : `,uid=${owner.uid},gid=${owner.gid},mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=4m${who}`, 'tmpfs', path], { stdio: 'ignore' });
    isReal = true;
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  } catch {
    process.stderr.write('no file system may be mounted here: the full disk is told by a trigger\n');
  }
  return {
    path,
    isReal,
    remove: async () => {
      if (isReal) execFileSync('umount', [path]);
      await remove();
    },
  };
}

describe('a replica that falls behind', () => {
  it('makes the backfill rest, which says so and goes on when it has caught up', async () => {
    const replica = await startReplica(stack.postgres.dsn(), 'replica-1');
    try {
      await replica.pause();
      const effect = keyedBackfill(undefined, { throttle: { replicaLagMs: 300, restMs: 400 } });
      const seen: BackfillProgress[] = [];
      const filling = port.backfill(effect, release, (one) => seen.push(one), never);
      await runSql(dsn, 'create table later (id int)');
      const rested = () => seen.filter(({ resting }) => resting?.because.startsWith('replica') === true);
      // Whoever rests for it writes nothing, so something else has to be behind.
      await until('the backfill rests', async () => {
        await runSql(dsn, 'insert into later values (1)');
        return rested().length > 0;
      });
      expect(rested()[0]?.resting?.because).toMatch(/^replica `replica-1` is .* behind, more than 300ms$/);
      await replica.goOn();
      expect((await filling).rows).toBe(25);
    } finally {
      await replica.stop();
    }
  });

  it('is not guessed at by a user who may not see it', async () => {
    const replica = await startReplica(stack.postgres.dsn(), 'replica-2');
    try {
      await runSql(
        dsn,
        'create role reader login; grant all on schema public to reader; grant all on orders to reader',
      );
      await runSql(
        dsn,
        `do $$ begin execute format('grant create on database %I to reader', current_database()); end $$`,
      );
      const error = await failure(
        connect(dsn.replace('postgres@', 'reader@')).backfill(keyedBackfill(), release, ignore, never),
      );
      expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/grant pg_monitor to it/)]);
    } finally {
      await replica.stop();
    }
  });
});
