import { createDbmate } from '../../../src/adapters/migrations/tools/dbmate';
import { runTool } from '../../../src/adapters/migrations/tools/run-tool';
import { toolDsn } from '../../../src/adapters/migrations/tools/tool-dsn';
import { createUmzug } from '../../../src/adapters/migrations/tools/umzug';
import { createToolMigrations } from '../../../src/adapters/migrations/tools/with-tool';
import { dbmateCommand } from '../../support/dbmate';
import { failure } from '../../support/failure';
import { migrateEffect, sqlFile } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { createUmzugFolder, dbmatePart } from '../../support/tool-parts';
import { until } from '../../support/until';

let postgres: TestPostgres;
let dsn: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  dsn = await createOrdersDatabase(postgres);
});

const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
const port = (tool: Parameters<typeof createToolMigrations>[1]) =>
  createToolMigrations({ dsn, schemas: ['public'], target: 'shop-db', trial: { sampleRows: 0 }, ...limits }, tool);
const dbmate = (command = dbmateCommand()) =>
  port(createDbmate({ command, table: 'schema_migrations', environment: process.env, ...limits }));
const release = 'release/test/shop/a';
const add = dbmatePart('expand', 'alter table orders add column note text', 'alter table orders drop column note');
const dbmateFile = (text: string, path = 'db/20240101_a.sql') => {
  const file = sqlFile(path, text);
  return { ...add, apply: file, undo: file };
};

it.each([
  ['a name without a version', dbmateFile(add.apply.sql, 'db/add.sql'), /begins with its version/],
  ['a file that is none of dbmate', dbmateFile('select 1'), /no line `-- migrate:up`/],
  ['an empty way back', dbmateFile('-- migrate:up\nselect 1;\n-- migrate:down\n'), /nothing below `-- migrate:down`/],
  ['no way back at all', dbmateFile('-- migrate:up\nselect 1;\n'), /nothing below/],
  [
    'no transaction',
    dbmateFile('-- migrate:up transaction:false\nselect 1;\n-- migrate:down\nselect 1;'),
    /transaction:false/,
  ],
  ['a way back in another file', { ...add, undo: sqlFile('b.sql', 'select 1') }, /in the same file/],
])('dbmate: refuses %s before it runs', async (_, effect, why) => {
  const error = await failure(dbmate().apply(effect, release));
  expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(why)]);
  expect(await runSql(dsn, "select from information_schema.columns where column_name = 'note'")).toEqual([]);
});

it('dbmate: says where it is missing', async () => {
  const error = await failure(dbmate(['no-such-dbmate']).apply(add, release));
  expect(error.message).toMatch(/`no-such-dbmate` cannot be started \(ENOENT\); install it/);
});

it('dbmate: tells why without its words, and leaves nothing applied', async () => {
  const cast = dbmatePart('expand', 'alter table orders alter customer type int using customer::int', 'select 1');
  const error = await failure(dbmate().apply(cast, release));
  expect(error.message).toContain('a value does not fit its type (as SQLSTATE 22000');
  expect(error.message).not.toContain('customer-');
  expect(await dbmate().isApplied(cast)).toBe(false);
  await dbmate().undo(cast, release);
});

it('dbmate: a lock that is not free may be tried again', async () => {
  const held = `do $$ begin lock table orders; perform pg_sleep(3); end $$`;
  const holding = runSql(dsn, held);
  await runSql(
    dsn,
    "do $$ begin while not exists (select from pg_locks where relation = 'orders'::regclass and granted and mode = 'AccessExclusiveLock') loop perform pg_sleep(0.02); end loop; end $$",
  );
  expect((await failure(dbmate().apply(add, release))).code).toBe('TargetUnavailable');
  await holding;
});

it('dbmate: finishes what a kill left between the command and its note, without running it twice', async () => {
  const tool = dbmate();
  await tool.apply(add, release);
  await runSql(dsn, 'update spillway.ledger set applied_at = null');
  await tool.apply(add, release);
  expect(await tool.isApplied(add)).toBe(true);
});

it('dbmate: leaves alone what it had applied before Spillway saw it', async () => {
  const tool = dbmate();
  await tool.apply(add, release);
  await runSql(dsn, 'truncate spillway.ledger');
  await tool.apply(add, release);
  await tool.undo(add, release);
  expect(await runSql(dsn, 'select note from orders limit 1')).toEqual([{ note: null }]);
});

it('dbmate: tells the copies of an undo whose worker died before it was noted', async () => {
  const query = sqlFile('losses.sql', 'select id from orders where id <= 2');
  const losses = { queries: [query], chosen: { by: 'dana', why: 'test rows', rows: 2 } };
  await dbmate().apply(add, release);
  const copies = await dbmate().undo(add, release, losses);
  expect(copies).toMatchObject([{ rows: 2 }]);
  await runSql(dsn, 'update spillway.ledger set undone_at = null');
  expect(await dbmate().undo(add, release, losses)).toEqual(copies);
  expect(await dbmate().isApplied(add)).toBe(false);
});

it('dbmate: waits for a late writer, and asks again what its undo would lose', async () => {
  await dbmate().apply(add, release);
  const long = sqlFile('losses.sql', 'select id from orders where length(note) > 5');
  await withClient(dsn, 'late writer', async (writer) => {
    await writer.query('begin');
    await writer.query("update orders set note = 'longer than before' where id = 7");
    const undoing = failure(dbmate().undo(add, release, { queries: [long] }));
    await until('the undo waits', async () => (await runSql(dsn, 'select from pg_locks where not granted')).length > 0);
    await writer.query('commit');
    expect((await undoing).message).toMatch(/would lose 1 row: somebody wrote them/);
  });
  expect(await dbmate().isApplied(add)).toBe(true);
});

it.each(['undo', 'apply'] as const)(
  'dbmate: an %s ends the command of a worker that was killed, before it looks what is applied',
  async (verb) => {
    const slow = dbmatePart(
      'expand',
      'select pg_sleep(20); alter table orders add column late text',
      'alter table orders drop column late',
    );
    const sleeping =
      "select from pg_stat_activity where application_name = 'spillway dbmate' and wait_event = 'PgSleep' and datname = current_database()";
    const other = dbmatePart('expand', 'create table other (a int)', 'drop table other', '0002-other');
    const cutOff = failure(dbmate().apply(slow, release));
    await until('the command is at it', async () => (await runSql(dsn, sleeping)).length === 1);
    // To the database a killed worker is a session that is gone; its command goes on.
    await runSql(
      dsn,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spillway ${release}'`,
    );
    await (verb === 'undo' ? dbmate().undo(slow, release) : dbmate().apply(other, 'release/test/other/b'));
    expect(await runSql(dsn, sleeping)).toEqual([]);
    await cutOff;
    expect(await runSql(dsn, "select from information_schema.columns where column_name = 'late'")).toEqual([]);
  },
);

it('dbmate: is not believed when its own table says something else', async () => {
  const liar = dbmate([process.execPath, '-e', '0', '--']);
  expect((await failure(liar.apply(add, release))).code).toBe('NotConverged');
});

describe('umzug', () => {
  const folder = createUmzugFolder();
  afterAll(folder.remove);
  const umzug = (change: Partial<Parameters<typeof createUmzug>[0]> = {}) =>
    port(
      createUmzug({
        command: [process.execPath, 'migrate.js'],
        directory: folder.directory,
        migrations: 'migrations',
        table: 'SequelizeMeta',
        column: 'name',
        urlVariable: 'DATABASE_URL',
        environment: process.env,
        ...limits,
        ...change,
      }),
    );
  const part = folder.part('expand', 'alter table orders add column note text', 'alter table orders drop column note');

  it('refuses a file on the worker that is not the one of the plan', async () => {
    const other = { ...part, apply: { ...part.apply, sha256: '0'.repeat(64) }, undo: { skip: 'none' } };
    expect((await failure(umzug().apply(other, release))).message).toMatch(/is another text than the one in the plan/);
  });

  it('refuses a file that is not on the worker', async () => {
    const gone = { ...part, apply: { ...part.apply, path: 'migrations/gone.js' }, undo: { skip: 'none' } };
    expect((await failure(umzug().apply(gone, release))).message).toMatch(/gone\.js on the worker is not there/);
  });

  it('refuses a way back in another file', async () => {
    const two = { ...part, undo: sqlFile('back.sql', 'select 1') };
    expect((await failure(umzug().apply(two, release))).message).toMatch(/as `down`/);
  });

  it.each([
    ['always fails', 'process.exit(1)', /nobody knows where it goes/],
    [
      'goes elsewhere and fails there',
      'console.error("relation \\"SequelizeMeta\\" does not exist"); process.exit(1)',
      /nobody knows where it goes/,
    ],
    ['cannot be started', undefined, /cannot be started/],
  ])('tries nothing with a script that %s', async (_what, code, why) => {
    const command = code === undefined ? ['no-such-script'] : [process.execPath, '-e', code, '--'];
    const request = { effects: [part], contract: [], invariants: [], release, signal: new AbortController().signal };
    expect(await umzug({ command }).trial(request)).toMatchObject({
      outcome: 'not-tried',
      why: expect.stringMatching(why) as string,
    });
  });

  it('tries nothing with a script that goes where it is not sent', async () => {
    const before = await runSql(dsn, "select count(*) from information_schema.columns where table_name = 'orders'");
    const stubborn = umzug({ environment: { ...process.env, DATABASE_URL: dsn }, urlVariable: 'ANOTHER' });
    const request = { effects: [part], contract: [], invariants: [], release, signal: new AbortController().signal };
    expect(await stubborn.trial(request)).toMatchObject({
      outcome: 'not-tried',
      why: expect.stringContaining('goes to another one') as string,
    });
    expect(await runSql(dsn, "select count(*) from information_schema.columns where table_name = 'orders'")).toEqual(
      before,
    );
  });
});

it.each([
  ['ERROR: deadlock detected', 'TargetUnavailable'],
  ['pq: sorry, too many clients already', 'TargetUnavailable'],
  ['permission denied for table orders', 'Rejected'],
  ['something new about customer-7', 'Rejected'],
])('a tool that says %j fails with a code, not with its words', async (words, code) => {
  const argv = [process.execPath, '-e', `console.error(${JSON.stringify(words)}); process.exit(3)`];
  const error = await failure(runTool({ what: 'a tool', argv, environment: process.env, statementTimeoutMs: 5_000 }));
  expect(error.code).toBe(code);
  expect(error.message).toContain('ended with 3');
  expect(error.message).not.toContain('customer-7');
});

it('keeps what a DSN says about TLS', () => {
  expect(toolDsn('postgres://h/d?sslmode=verify-full', limits, 'x')).toBe(
    'postgres://h/d?sslmode=verify-full&lock_timeout=1000&statement_timeout=5000&application_name=x',
  );
});

it('a plain part of the built-in runner is not one of dbmate', async () => {
  const plain = migrateEffect('expand', 'select 1', 'select 1');
  expect((await failure(dbmate().apply(plain, release))).code).toBe('Rejected');
});
