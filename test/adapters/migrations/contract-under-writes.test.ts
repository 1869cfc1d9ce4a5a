import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import { createPostgresMigrations } from '../../../src/adapters/migrations/postgres';
import { shopDirectory } from '../../../src/stack/shop';
import { migrateEffect } from '../../support/migrate-effect';
import { runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const file = (name: string): string => readFileSync(join(shopDirectory, 'db', `${name}.sql`), 'utf8');
const expand = migrateEffect('expand', file('002-split-name.expand'), file('002-split-name.expand.undo'), 'split-name');
const contract = {
  ...migrateEffect('contract', file('002-split-name.contract'), undefined, 'split-name'),
  rule: { quietMs: 0, checkEveryMs: 1_000, renamedMs: 0, keepMs: 86_400_000 },
};

/** As the sample's descriptor compares both forms. */
const rule = {
  id: 'split-name',
  migration: 'split-name',
  target: 'shop-db',
  table: 'public.orders',
  key: 'id',
  old: 'customer_name',
  new: `case when given_name is not distinct from split_part(customer_name, ' ', 1)
    and family_name is not distinct from substr(customer_name, length(split_part(customer_name, ' ', 1)) + 2)
    then customer_name else rtrim(given_name || ' ' || family_name) end`,
};

/** The sample shop, expanded and filled. */
async function open() {
  const dsn = await postgres.createDatabase('shop_under_writes');
  await runSql(dsn, file('001-schema'));
  const options = { dsn, schemas: ['public'], target: 'shop-db', lockTimeoutMs: 2_000, statementTimeoutMs: 20_000 };
  const migrations = createPostgresMigrations(options);
  await migrations.apply(expand, 'first');
  await withClient(dsn, 'backfill', (client) => client.query(file('002-split-name.backfill'), [0, 1_000_000]));
  const port = createPostgresContract({ ...options, roles: {}, maxCopyBytes: 1e9 });
  const rowsOf = async (name: string) => (await runSql(dsn, file(name))).length;
  const snapshot = () => migrations.snapshot();
  return { dsn, port, rowsOf, snapshot, sql: (text: string) => runSql(dsn, text) };
}

/** Writes as the new version does, one row after the other, until it is told to stop; every failure is kept. */
function startWriter(dsn: string) {
  let isOver = false;
  const seen = { written: 0, failures: [] as unknown[] };
  const writing = withClient(dsn, 'new version', async (client) => {
    while (!isOver) {
      try {
        await client.query(`insert into orders (given_name, family_name, total_cents) values ('New', 'Writer', 1)`);
        await client.query(`update orders set family_name = 'Changed' where id = 1 + $1::int % 2000`, [seen.written]);
        seen.written += 1;
      } catch (error) {
        seen.failures.push(error);
      }
    }
  });
  const more = async (count: number): Promise<void> => {
    const wanted = seen.written + count;
    while (seen.written < wanted && seen.failures.length === 0) await new Promise((done) => setTimeout(done, 5));
  };
  const stop = async () => {
    isOver = true;
    await writing;
    return seen;
  };
  return { more, stop };
}

test('the new version writes through renaming, the way back and the drop of a form that triggers kept in step', async () => {
  const { dsn, port, rowsOf, snapshot, sql } = await open();
  const writer = startWriter(dsn);
  try {
    await writer.more(20);
    await port.keep(contract, 'a');
    await port.retire(contract, 'a');
    await writer.more(20);
    expect(await port.oldForm(contract, 'a')).toBe('renamed');

    // More than one batch of rows that have no old form or a stale one, beside those of the writer.
    await sql(
      `insert into orders (given_name, family_name, total_cents) select 'Many', 'No' || i, 1 from generate_series(1, 15000) i`,
    );
    await sql(`update orders set family_name = 'Late' where id between 3001 and 3100`);
    const kept = `select id, customer_name from orders where id between 4001 and 4100 order by id`;
    const [{ column = '' } = {}] = (await sql(
      `select attname as column from pg_attribute where attrelid = 'orders'::regclass and attname like 'customer_name\\_\\_%'`,
    )) as { column?: string }[];
    const untouched = await sql(kept.replace('customer_name', `"${column}" as customer_name`));

    const { notes, unfilled } = await port.putBack(contract, 'a', { rules: [rule], acceptedRows: 0 });
    expect(unfilled).toBeUndefined();
    expect(notes).toEqual([
      expect.stringMatching(/^(?:1[5-9]|[2-9]\d)\d{3} rows written meanwhile got the old form again$/),
    ]);
    expect(
      await sql(
        `select id from orders where customer_name is null or not (${rule.old} is not distinct from ${rule.new})`,
      ),
    ).toEqual([]);
    expect(
      await sql(`select distinct split_part(customer_name, ' ', 2) as name from orders where id between 3001 and 3100`),
    ).toEqual([{ name: 'Late' }]);
    expect(await sql(kept)).toEqual(untouched);
    expect(
      await sql(
        `select attnotnull from pg_attribute where attrelid = 'orders'::regclass and attname = 'customer_name'`,
      ),
    ).toEqual([{ attnotnull: true }]);
    expect(await rowsOf('002-split-name.expand.check')).toBe(0);
    const [old] = await sql(
      `insert into orders (customer_name, total_cents) values ('Old Writer', 1) returning given_name, family_name`,
    );
    expect(old).toEqual({ given_name: 'Old', family_name: 'Writer' });
    const [fresh] = await sql(
      `insert into orders (given_name, family_name, total_cents) values ('Ada', 'Lovelace', 1) returning customer_name`,
    );
    expect(fresh).toEqual({ customer_name: 'Ada Lovelace' });

    await port.keep(contract, 'b');
    await port.retire(contract, 'b');
    await writer.more(20);
    // A release that begins now must find the same schema after the drop.
    const hidden = await snapshot();
    await port.drop(contract, 'b');
    expect(await snapshot()).toEqual(hidden);
    await writer.more(20);
    expect(await rowsOf('002-split-name.contract.check')).toBe(0);
  } finally {
    expect((await writer.stop()).failures).toEqual([]);
  }
});
