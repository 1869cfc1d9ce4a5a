import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'pg';
import { startLoad } from '../../src/stack/load';
import { createPostgres } from '../../src/stack/postgres';
import type { Postgres } from '../../src/stack/postgres';
import { createRunDirectory } from '../../src/stack/run-directory';
import { createWatchdog } from '../../src/stack/watchdog';
import type { Watchdog } from '../../src/stack/watchdog';
import { createShopProcesses, until } from './processes';

const sql = (name: string) => readFileSync(join(__dirname, '../../examples/shop/db', `${name}.sql`), 'utf8');

const shop = createShopProcesses();
const runDirectory = createRunDirectory();
let watchdog: Watchdog;
let postgres: Postgres;
const pools: Pool[] = [];

beforeAll(async () => {
  watchdog = createWatchdog(runDirectory, false);
  postgres = await createPostgres(runDirectory, { watchdog, options: { fsync: false } });
  await postgres.start();
});

afterAll(async () => {
  await shop.close();
  await Promise.all(pools.map((pool) => pool.end()));
  await postgres.stop();
  await watchdog.close();
  rmSync(runDirectory, { recursive: true, force: true });
});

/** A fresh database of the shop with the first schema. */
async function createDatabase(name: string) {
  const dsn = await postgres.createDatabase(name);
  const pool = new Pool({ connectionString: dsn });
  // Idle connections break when a test takes the server away.
  pool.on('error', () => undefined);
  pools.push(pool);
  await pool.query(sql('001-schema'));
  const run = (file: string) => pool.query(sql(file));
  const violations = async (file: string) => (await pool.query(sql(file))).rows.length;
  const fill = async (lower: number, upper: number): Promise<number> =>
    (await pool.query(sql('002-split-name.backfill'), [lower, upper])).rowCount ?? 0;
  async function backfill(): Promise<number[]> {
    const { rows } = await pool.query<{ last: number }>('select max(id)::int as last from orders');
    const batches: number[] = [];
    for (let lower = 0; lower < (rows[0]?.last ?? 0); lower += 1000) batches.push(await fill(lower, lower + 1000));
    return batches;
  }
  return { dsn, pool, run, violations, fill, backfill };
}

type Database = Awaited<ReturnType<typeof createDatabase>>;

/** Everything of the schema that an undo has to bring back. */
async function schemaOf({ pool }: Database): Promise<unknown> {
  const { rows } = await pool.query(`
    select 'column' as kind, attrelid::regclass::text || '.' || attname as name, format_type(atttypid, atttypmod) || attnotnull as definition
    from pg_attribute where attrelid in ('orders'::regclass, 'receipts'::regclass) and attnum > 0 and not attisdropped
    union all select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint where conrelid in ('orders'::regclass, 'receipts'::regclass)
    union all select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'orders'::regclass
    union all select 'function', proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
    order by 1, 2`);
  return rows;
}

const namesOf = async ({ pool }: Database, id: number): Promise<unknown> =>
  (await pool.query('select customer_name, given_name, family_name from orders where id = $1', [id])).rows[0];

const orderAt = async (url: string, body: object) => {
  const answer = await fetch(`${url}/orders`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: number };
};

const server = (database: Database, version: string) =>
  shop.startHealthyServer({ SHOP_VERSION: version, SHOP_DATABASE_URL: database.dsn });

describe('the database of the shop', () => {
  it('has five thousand orders and loses none when set up twice', async () => {
    const database = await createDatabase('twice');
    await database.run('001-schema');
    const { rows } = await database.pool.query('select count(*)::int, min(id)::int, max(id)::int from orders');
    expect(rows).toEqual([{ count: 5000, min: 1, max: 5000 }]);
    expect(await database.violations('invariants/no-order-lost')).toBe(0);
  });

  it('tells lost, changed and nameless orders', async () => {
    const database = await createDatabase('lost');
    await database.pool.query('delete from orders where id = 1');
    await database.pool.query('update orders set total_cents = total_cents + 1 where id = 2');
    await database.pool.query(`update orders set customer_name = '' where id = 3`);
    expect(await database.violations('invariants/no-order-lost')).toBe(3);
  });

  it('fills both forms of the name whichever version writes', async () => {
    const database = await createDatabase('both');
    const old = await server(database, '1.0.0');
    await database.run('002-split-name.expand');
    const fresh = await server(database, '2.0.0');
    const fromOld = await orderAt(old.url, { customerName: 'Ada King Lovelace', totalCents: 1 });
    const fromNew = await orderAt(fresh.url, { givenName: 'Mary Ann', familyName: 'Lee', totalCents: 2 });
    const single = await orderAt(fresh.url, { givenName: 'Plato', familyName: '', totalCents: 3 });
    const ada = { customer_name: 'Ada King Lovelace', given_name: 'Ada', family_name: 'King Lovelace' };
    expect(await namesOf(database, fromOld.id)).toEqual(ada);
    const mary = { customer_name: 'Mary Ann Lee', given_name: 'Mary Ann', family_name: 'Lee' };
    expect(await namesOf(database, fromNew.id)).toEqual(mary);
    expect(await namesOf(database, single.id)).toMatchObject({ customer_name: 'Plato', family_name: '' });
    const seen = await (await fetch(`${old.url}/orders/${fromNew.id}`)).json();
    expect(seen).toEqual({ id: fromNew.id, customerName: 'Mary Ann Lee', totalCents: 2 });
    expect(await (await fetch(`${fresh.url}/orders/5`)).json()).toMatchObject({ givenName: 'Customer' });
  });

  it.each([
    [`customer_name = 'Eve Moneypenny'`, ['Eve Moneypenny', 'Eve', 'Moneypenny']],
    [`given_name = 'Eve'`, ['Eve Number1', 'Eve', 'Number1']],
    [`family_name = 'Bond'`, ['Customer Bond', 'Customer', 'Bond']],
    [`total_cents = 7`, ['Customer Number1', 'Customer', 'Number1']],
  ])('keeps the names together when an old row gets %s', async (assignment, names) => {
    const database = await createDatabase(`update ${names.join(' ')} ${assignment.split(' ')[0]}`);
    await database.run('002-split-name.expand');
    await database.pool.query(`update orders set ${assignment} where id = 1`);
    expect(Object.values((await namesOf(database, 1)) as object)).toEqual(names);
  });

  it('back-fills in batches, goes on after a stop and keeps every old name letter by letter', async () => {
    const database = await createDatabase('backfill');
    await database.pool.query(`update orders set customer_name = ' odd  name ' where id = 9`);
    const names = async (): Promise<unknown> =>
      (await database.pool.query('select id, customer_name from orders order by id')).rows;
    const before = await names();
    await database.run('002-split-name.expand');
    expect(await database.violations('002-split-name.expand.check')).toBe(0);
    expect(await database.violations('002-split-name.backfill.check')).toBe(20);
    expect(await database.fill(0, 1000)).toBe(1000);
    expect(await database.backfill()).toEqual([0, 1000, 1000, 1000, 1000]);
    expect(await database.violations('002-split-name.backfill.check')).toBe(0);
    expect(await names()).toEqual(before);
  });

  it.each(['002-split-name', '003-add-note'])('undoes %s without a trace, also twice', async (migration) => {
    const database = await createDatabase(`undo ${migration}`);
    const before = await schemaOf(database);
    expect(await database.violations(`${migration}.expand.check`)).toBeGreaterThan(0);
    await database.run(`${migration}.expand`);
    expect(await database.violations(`${migration}.expand.check`)).toBe(0);
    expect(await schemaOf(database)).not.toEqual(before);
    await database.run(`${migration}.expand.undo`);
    await database.run(`${migration}.expand.undo`);
    expect(await schemaOf(database)).toEqual(before);
    expect(await database.violations('invariants/no-order-lost')).toBe(0);
  });

  it('migrates under reads and writes of both versions, undo and contract included, without one failure', async () => {
    const database = await createDatabase('live');
    const old = await server(database, '1.0.0');
    const order = { customerName: 'Grace Hopper', totalCents: 99 };
    const paths = ['/orders/17', { method: 'POST', path: '/orders', body: order }];
    const options = { requestsPerSecond: 100, connections: 5, paths };
    const oldLoad = startLoad({ ...options, url: old.url });
    await database.run('002-split-name.expand');
    await database.run('002-split-name.expand.undo');
    await database.run('002-split-name.expand');
    const fresh = await server(database, '2.0.0');
    const freshLoad = startLoad({ ...options, url: fresh.url });
    await database.backfill();
    expect(await database.violations('002-split-name.backfill.check')).toBe(0);
    const { ok } = freshLoad.snapshot();
    await until('both versions write', () => (freshLoad.snapshot().ok > ok + 50 ? true : undefined));
    expect((await oldLoad.stop()).byOutcome).not.toHaveProperty('503');
    await database.run('002-split-name.contract');
    const afterContract = freshLoad.snapshot().ok;
    await until('the new version goes on', () => (freshLoad.snapshot().ok > afterContract + 50 ? true : undefined));
    const report = await freshLoad.stop();
    expect(report.failed).toBe(0);
    expect(await database.violations('002-split-name.contract.check')).toBe(0);
    expect(await database.violations('invariants/no-order-lost')).toBe(0);
    expect(await orderAt(fresh.url, order)).toMatchObject({ givenName: 'Grace', customerName: 'Grace Hopper' });
  });

  it('is not ready while the database is away, and answers again after', async () => {
    const database = await createDatabase('away');
    const { url } = await server(database, '1.0.0');
    await postgres.kill();
    expect((await fetch(`${url}/orders/1`)).status).toBe(503);
    await postgres.start();
    const back = await until('it answers', async () => {
      const answer = await fetch(`${url}/orders/1`);
      return answer.status === 200 ? answer : undefined;
    });
    expect(await back.json()).toMatchObject({ id: 1 });
  });
});
