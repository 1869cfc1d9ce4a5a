import { createToolMigrations } from '../../../src/adapters/migrations/tools/with-tool';
import { failure } from '../../support/failure';
import { migrateEffect } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { createTestPgroll, describeWithPgroll, makeReady, runByHand } from '../../support/pgroll';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { pgrollPart } from '../../support/tool-parts';
import { until } from '../../support/until';

const release = 'release/test/shop/a';
const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };

/** `state`, a text, becomes a number; both ways are kept in step. */
const typeChange = (up = 'coalesce(state::int, -1)') => `operations:
  - alter_column:
      table: orders
      column: state
      type: int
      up: ${up}
      down: state::text
`;
const expand = pgrollPart('expand', typeChange(), '02_state');
const contract = pgrollPart('contract', typeChange(), '02_state');

describeWithPgroll('pgroll', (pgroll) => {
  let postgres: TestPostgres;
  let dsn: string;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    dsn = await createOrdersDatabase(postgres);
    await runSql(dsn, 'update orders set state = id::text');
    makeReady(pgroll, dsn);
  });

  const connect = (
    pace: { batchRows?: number; batchDelayMs?: number } = {},
    trial: { sampleRows: number; dsn?: string } = { sampleRows: 0 },
  ) =>
    createToolMigrations(
      { dsn, schemas: ['public'], target: 'shop-db', trial, ...limits },
      createTestPgroll(pgroll, {
        ...limits,
        environment: { ...process.env, PGROLL_USE_VERSION_SCHEMA: 'false' },
        ...pace,
      }),
    );
  const unfilled = 'select count(*)::int as rows from orders where _pgroll_needs_backfill';

  /** A start that is killed with most rows to go. */
  async function killInMidFill(): Promise<void> {
    await runSql(dsn, "insert into orders select i, i::text, 'customer-' || i from generate_series(26, 5000) i");
    const stop = new AbortController();
    const killed = failure(connect({ batchRows: 50, batchDelayMs: 50 }).apply(expand, release, stop.signal));
    await until('some rows are filled', async () => {
      const rows = await runSql(dsn, unfilled).catch(() => []);
      return typeof rows[0]?.['rows'] === 'number' && rows[0]['rows'] < 4_900;
    });
    stop.abort();
    expect((await killed).message).toContain('was killed by SIGKILL');
    await until('the server has noticed', async () => {
      const rows = await runSql(dsn, "select from pg_stat_activity where application_name like 'pgroll%'");
      return rows.length === 0;
    });
    expect((await runSql(dsn, unfilled))[0]?.['rows']).toBeGreaterThan(0);
  }

  it('takes an old write for one of old code and a new one for one of new code, by the search path alone', async () => {
    await connect().apply(expand, release);
    await runSql(dsn, "update orders set state = '70' where id = 7");
    await runSql(dsn, 'set search_path = public_02_state; update orders set state = 80 where id = 8');
    await runSql(dsn, 'update public_02_state.orders set state = 90 where id = 9');
    expect(await runSql(dsn, 'select id, state from public_02_state.orders where id in (7, 8) order by id')).toEqual([
      { id: 7, state: 70 },
      { id: 8, state: 80 },
    ]);
    expect(await runSql(dsn, 'select state from orders where id = 8')).toEqual([{ state: '80' }]);
    // The limit that `plan` warns of: what it wrote is gone.
    expect(await runSql(dsn, 'select state from public_02_state.orders where id = 9')).toEqual([{ state: 9 }]);
  });

  it('fills what a kill in mid-fill left, before it calls expand done', async () => {
    await killInMidFill();
    await connect().apply(expand, release);
    expect(await runSql(dsn, unfilled)).toEqual([{ rows: 0 }]);
    expect(await runSql(dsn, 'select from public_02_state.orders where state <> id or state is null')).toEqual([]);
    await connect().apply(contract, release);
    expect(await runSql(dsn, 'select from orders where state <> id or state is null')).toEqual([]);
  });

  it('takes back what a kill in mid-fill left', async () => {
    const before = await connect().snapshot();
    await killInMidFill();
    await connect().undo(expand, release);
    expect(await connect().snapshot()).toEqual(before);
    expect(await runSql(dsn, "select from pgroll.migrations where name = '02_state'")).toEqual([]);
  });

  it('does not complete what was never filled, where pgroll itself would', async () => {
    await killInMidFill();
    const error = await failure(connect().apply(contract, release));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/\d+ rows of orders have no new form/),
    ]);
    runByHand(pgroll, dsn, {}, 'complete');
    expect(
      (await runSql(dsn, 'select count(*)::int as lost from orders where state is null'))[0]?.['lost'],
    ).toBeGreaterThan(0);
  });

  it('leaves alone what was begun by hand and is not done', async () => {
    await killInMidFill();
    await runSql(dsn, 'truncate spillway.ledger');
    const error = await failure(connect().apply(expand, release));
    expect(error.message).toMatch(/begun by pgroll without Spillway, and \d+ rows of orders have no new form/);
  });

  it('does not believe a start whose triggers could not be made', async () => {
    const wrong = pgrollPart('expand', typeChange("'state +'"), '02_state');
    const error = await failure(connect().apply(wrong, release));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      // Which of the two it makes before it gives up is pgroll's own, and changes from run to run.
      expect.stringMatching(/pgroll ended well, and the triggers? _pgroll_trigger_orders_state\b.* not there/),
    ]);
    await connect().undo(wrong, release);
    expect(await runSql(dsn, "select from pgroll.migrations where name = '02_state'")).toEqual([]);
  });

  it('begins anew what was killed before its views were there', async () => {
    await connect().apply(expand, release);
    await runSql(dsn, 'drop schema public_02_state cascade; update spillway.ledger set applied_at = null');
    await connect().apply(expand, release);
    expect(await runSql(dsn, 'select state from public_02_state.orders where id = 7')).toEqual([{ state: 7 }]);
  });

  it('waits for a pgroll that its killed worker has left running', async () => {
    await withClient(dsn, 'pgroll', async () => {
      const error = await failure(connect().apply(expand, release));
      expect([error.code, error.message]).toEqual([
        'TargetUnavailable',
        expect.stringMatching(/another pgroll is at work there \(server process \d+\)/),
      ]);
    });
    await connect().apply(expand, release);
  });

  it('takes the session of a pgroll that has just ended for nobody at work', async () => {
    let applying = Promise.resolve();
    await withClient(dsn, 'pgroll', async (leaving) => {
      applying = connect().apply(expand, release);
      await leaving.query('select pg_sleep(1)');
    });
    await applying;
  });

  it('starts nothing beside a migration that is in progress', async () => {
    await connect().apply(expand, release);
    const other = pgrollPart(
      'expand',
      { operations: [{ rename_column: { table: 'orders', from: 'customer', to: 'buyer' } }] },
      '03_buyer',
      '0002-buyer',
    );
    expect((await failure(connect().apply(other, release))).message).toContain('pgroll has 02_state in progress');
    const request = { effects: [other], contract: [], invariants: [], release, signal: new AbortController().signal };
    expect((await failure(connect().trial(request))).message).toContain('pgroll has 02_state in progress');
    await connect().undo(other, release);
    expect(await runSql(dsn, 'select name from pgroll.migrations where not done')).toEqual([{ name: '02_state' }]);
  });

  it('has no way back after contract, and says so', async () => {
    await connect().apply(expand, release);
    await connect().apply(contract, release);
    const error = await failure(connect().undo(expand, release));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/02_state is completed, and pgroll has no way back/),
    ]);
    expect(await connect().isApplied(contract)).toBe(true);
    await connect().apply(contract, release);
  });

  it('lets writes go on when contract was killed half-way, and says how to finish it', async () => {
    await connect().apply(expand, release);
    // What `complete` does first; here it dies.
    await runSql(dsn, 'alter table orders drop column state');
    const write = 'set search_path = public_02_state; update orders set state = 80 where id = 8';
    await expect(runSql(dsn, write)).rejects.toThrow('has no field');
    const error = await failure(connect().apply(contract, release));
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/was cut short.* Finish by hand/)]);
    await runSql(dsn, write);
    await runSql(
      dsn,
      `alter table orders drop column _pgroll_needs_backfill; alter table orders rename _pgroll_new_state to state;
       update pgroll.migrations set done = true, resulting_schema = pgroll.read_schema('public') where name = '02_state'`,
    );
    await connect().apply(contract, release);
    expect(await runSql(dsn, 'select state from orders where id in (7, 8) order by id')).toEqual([
      { state: 7 },
      { state: 80 },
    ]);
  });

  it('tries nothing where the user of the trial may make no event triggers, and says what would help', async () => {
    await runSql(dsn, 'drop role if exists plain; create role plain login createdb');
    const trial = { sampleRows: 0, dsn: dsn.replace('//postgres', '//plain') };
    const request = {
      effects: [expand],
      contract: [contract],
      invariants: [],
      release,
      signal: new AbortController().signal,
    };
    expect(await connect({}, trial).trial(request)).toMatchObject({
      outcome: 'not-tried',
      why: expect.stringContaining('only a superuser may') as string,
      fix: expect.stringContaining('`trial.dsn`') as string,
    });
  });

  it('does not complete what was rolled back', async () => {
    await connect().apply(expand, release);
    runByHand(pgroll, dsn, {}, 'rollback');
    expect((await failure(connect().apply(contract, release))).message).toMatch(
      /never started here, or was rolled back/,
    );
  });

  it('leaves plain SQL to Spillway', async () => {
    const plain = migrateEffect('expand', 'create table notes (a int)', 'drop table notes', '0003-notes');
    await connect().apply(plain, release);
    expect(await connect().isApplied(plain)).toBe(true);
    await connect().undo(plain, release);
    expect(await runSql(dsn, "select from pg_class where relname = 'notes'")).toEqual([]);
  });

  describe('complete waits for whoever uses the old form', () => {
    const next = pgrollPart(
      'expand',
      { operations: [{ rename_column: { table: 'orders', from: 'customer', to: 'buyer' } }] },
      '03_buyer',
      '0002-buyer',
    );
    const last = { ...next, part: 'contract', key: '0002-buyer/contract', undo: { skip: 'forward only' } } as const;
    const complete = async () => (await failure(connect().apply(last, release))).message;
    beforeEach(async () => {
      await connect().apply(expand, release);
      await connect().apply(contract, release);
      await connect().apply(next, release);
    });

    it('a session at work on the old version schema', async () => {
      await withClient(dsn, 'old shop', async (client) => {
        await client.query('begin; set local search_path = public_02_state; select from orders limit 1');
        expect(await complete()).toMatch(/session \d+ of \w+ \(old shop\) uses \S*orders/);
      });
    });

    it('a session at work on the table itself, and not one of the new version', async () => {
      await withClient(dsn, 'new shop', async (client) => {
        await client.query('begin; set local search_path = public_03_buyer; select buyer from orders limit 1');
        await withClient(dsn, 'old job', async (old) => {
          await old.query('begin; select from public.orders limit 1');
          const why = await complete();
          expect(why).toContain('(old job) uses');
          expect(why).not.toContain('new shop');
        });
        // `complete` needs the table for itself.
        await client.query('commit');
        await connect().apply(last, release);
      });
    });

    it('a database whose sessions begin there', async () => {
      const [name] = await runSql(dsn, 'select current_database() as name');
      await runSql(dsn, `alter database ${String(name?.['name'])} set search_path = 'public_02_state'`);
      expect(await complete()).toMatch(/database orders_\w+ has search_path public_02_state/);
    });

    it('views and tables that would be dropped with it', async () => {
      await runSql(
        dsn,
        'create view report as select customer from public_02_state.orders; create table public_02_state.mine (a int)',
      );
      const why = await complete();
      expect(why).toContain('report reads it (schema public_02_state)');
      expect(why).toContain('public_02_state.mine is in it');
    });
  });
});

describeWithPgroll('pgroll in a database that it does not know', (pgroll) => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());

  it.each([
    ['without its tables', [], /run `pgroll init` there once/],
    ['without a baseline', [['init']], /run `pgroll baseline 01_initial DIR --yes` there once/],
  ])('%s: says what to run before anything is touched', async (_, commands, why) => {
    const dsn = await createOrdersDatabase(postgres);
    for (const command of commands) runByHand(pgroll, dsn, {}, ...command);
    const tool = createTestPgroll(pgroll, limits);
    // A trial that is switched off does not hide it.
    const port = createToolMigrations({ dsn, schemas: ['public'], target: 'shop-db', ...limits }, tool);
    const request = { effects: [expand], contract: [], invariants: [], release, signal: new AbortController().signal };
    expect((await failure(port.trial(request))).message).toMatch(why);
    expect((await failure(port.apply(expand, release))).message).toMatch(why);
    const plain = migrateEffect('expand', 'select 1', 'select 1');
    expect(await port.trial({ ...request, effects: [plain] })).toMatchObject({ outcome: 'not-tried' });
  });
});
