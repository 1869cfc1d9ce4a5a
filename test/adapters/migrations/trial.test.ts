import { createPostgresMigrations, type PostgresMigrationsOptions } from '../../../src/adapters/migrations/postgres';
import type { SqlFile } from '../../../src/core/plan/effects';
import type { MigrateEffect } from '../../../src/ports/migrations';
import { dsnOfDatabase } from '../../../src/adapters/postgres/address';
import { migrateEffect, sqlFile } from '../../support/migrate-effect';
import { createOrdersDatabase, runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
let dsn: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  dsn = await createOrdersDatabase(postgres);
});
afterAll(() => postgres.stop());

const never = new AbortController().signal;
const expand = migrateEffect('expand', 'alter table orders add note text', 'alter table orders drop note');

function tryParts(
  effects: readonly MigrateEffect[],
  options: Partial<PostgresMigrationsOptions> = {},
  contract: readonly MigrateEffect[] = [],
  invariants: readonly SqlFile[] = [],
) {
  const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
  const base = { dsn, schemas: ['public'], target: 'shop-db', trial: { sampleRows: 0 }, ...limits };
  const port = createPostgresMigrations({ ...base, ...options });
  return port.trial({ effects, contract, invariants, release: 'release/test/shop/a', signal: never });
}

const scratchDatabases = async () =>
  (await runSql(postgres.dsn, "select datname from pg_database where starts_with(datname, 'spillway_trial_')")).map(
    (row) => String(row['datname']),
  );

it.each([
  ['gives back', 'alter table orders drop note', 'restored'],
  ['leaves behind', 'select 1', 'differs'],
  ['fails', 'alter table orders drop remark', 'failed'],
])('leaves no scratch database behind when the undo %s', async (_, undo, outcome) => {
  expect((await tryParts([migrateEffect('expand', expand.apply.sql, undo)])).outcome).toBe(outcome);
  expect(await scratchDatabases()).toEqual([]);
});

it('says where a part, an undo or contract fails, as the real run would', async () => {
  const wrong = migrateEffect('expand', 'alter table orders\n  add state text', 'select 1');
  expect(await tryParts([wrong])).toMatchObject({
    outcome: 'failed',
    effect: wrong.key,
    message: expect.stringMatching(/^its expand fails there: .*0001-orders\.expand\.sql.*SQLSTATE 42701/) as string,
  });
  const contract = migrateEffect('contract', 'alter table orders drop column gone', undefined);
  expect(await tryParts([expand], {}, [contract])).toMatchObject({ outcome: 'failed', effect: contract.key });
});

it('finds a query of losses that does not run', async () => {
  const losses = [sqlFile('losses.sql', 'select id from orders where length(remark) > 4')];
  expect(await tryParts([{ ...expand, losses }])).toMatchObject({
    outcome: 'failed',
    effect: expand.key,
    message: expect.stringMatching(/^its losses query fails there: .*losses\.sql.*SQLSTATE 42703/) as string,
  });
});

describe('an invariant', () => {
  const contract = migrateEffect('contract', 'alter table orders drop column customer', undefined);
  const named = sqlFile('named.sql', "select id from orders where customer = ''");

  it('that names what contract removes is found before the release, not behind the renaming', async () => {
    expect(await tryParts([expand], {}, [contract], [named])).toMatchObject({
      outcome: 'failed',
      effect: contract.key,
      message: expect.stringMatching(/^the invariant named\.sql behind it fails there: .*SQLSTATE 42703/) as string,
    });
    expect((await tryParts([expand], {}, [], [named])).outcome).toBe('restored');
  });

  it('that the parts themselves break is laid to the last of them', async () => {
    const away = migrateEffect(
      'expand',
      'alter table orders rename customer to buyer',
      'alter table orders rename buyer to customer',
    );
    expect(await tryParts([away], {}, [], [named])).toMatchObject({ outcome: 'failed', effect: away.key });
  });

  it('that needs what is not copied says nothing, and rows that it returns neither', async () => {
    const beyond = sqlFile('beyond.sql', 'select id from elsewhere.orders');
    const rows = sqlFile('rows.sql', 'select 1');
    expect((await tryParts([expand], {}, [], [beyond, rows])).outcome).toBe('restored');
  });
});

it('finds a cast that rows of the sample cannot take, and shows no value', async () => {
  const cast = migrateEffect('expand', 'alter table orders alter customer type int using customer::int', 'select 1');
  expect((await tryParts([cast])).outcome).toBe('differs');
  const found = await tryParts([cast], { trial: { sampleRows: 10 } });
  expect(found).toMatchObject({ outcome: 'failed', message: expect.stringContaining('SQLSTATE 22P02') as string });
  expect(JSON.stringify(found)).not.toContain('customer-');
});

it('runs backfill on the rows of the sample, and tells rows that a check returns without refusing', async () => {
  const batch = "update orders set state = 'open' where state is null";
  const check = sqlFile('check.sql', 'select 1 where not exists (select from orders where id = 9999)');
  const backfill = { ...migrateEffect('backfill', batch, undefined), check };
  expect(await tryParts([backfill], { trial: { sampleRows: 10 } })).toMatchObject({
    outcome: 'restored',
    notes: ['check.sql returns 1 rows on the copy, which holds no rows or a few'],
  });
});

it('says how to let a user make databases who may not', async () => {
  await runSql(postgres.dsn, 'create role weak login');
  const weak = dsn.replace('postgres@', 'weak@');
  const found = await tryParts([expand], { dsn: weak });
  expect(found).toMatchObject({
    outcome: 'not-tried',
    why: 'user weak may not make databases',
    fix: expect.stringContaining('alter role weak createdb') as string,
  });
  expect((await tryParts([expand], { dsn: weak, trial: { dsn: postgres.dsn, sampleRows: 0 } })).outcome).toBe(
    'restored',
  );
});

it('is not made where the environment wants none', async () => {
  expect(await tryParts([expand], { trial: undefined })).toMatchObject({ outcome: 'not-tried' });
});

it('tries nothing that reaches beyond its database', async () => {
  const role = migrateEffect('expand', '/* who */ create role reporting;', 'drop role reporting');
  expect(await tryParts([role])).toMatchObject({
    outcome: 'not-tried',
    why: expect.stringContaining('0001-orders.expand.sql (`create role reporting`)') as string,
  });
  expect(await runSql(dsn, "select from pg_roles where rolname = 'reporting'")).toEqual([]);
});

it('says which object could not be copied rather than compare without it', async () => {
  const odd = await createOrdersDatabase(postgres);
  await runSql(odd, "create collation odd (provider = icu, locale = 'und'); create table t (a text collate odd)");
  expect(await tryParts([expand], { dsn: odd })).toMatchObject({
    outcome: 'not-tried',
    why: 'the copy could not be made equal: table public.t (SQLSTATE 42704)',
  });
});

it('drops what a killed worker left behind, and nothing that somebody holds', async () => {
  const [row] = await runSql(dsn, 'select oid::text from pg_database where datname = current_database()');
  const names = ['dead', 'alive'].map((state) => `spillway_trial_${String(row?.['oid'])}_${state}`);
  for (const name of names) await runSql(dsn, `create database ${name}`);
  await withClient(dsn, 'another worker', async (client) => {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [names[1]]);
    await tryParts([expand]);
    expect(await scratchDatabases()).toEqual([names[1]]);
  });
  await tryParts([expand]);
  expect(await scratchDatabases()).toEqual([]);
});

it('names a database beside another one', () => {
  expect(dsnOfDatabase('postgres://u:p%40@h:5432/a?sslmode=disable', 'b c')).toBe(
    'postgres://u:p%40@h:5432/b%20c?sslmode=disable',
  );
  expect(() => dsnOfDatabase('/var/run/postgresql secret', 'b')).toThrow(/it is no URL/);
});
