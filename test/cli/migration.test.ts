import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { runCli } from '../../src/cli/program';
import { runSql } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { createTestIo } from '../support/test-io';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-migration-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const test = createTestIo({ directory: folder, env });
  const code = await runCli(['migration', 'write', ...args], test.io);
  return { code, out: test.out(), err: test.err() };
}

const rename = ['rename', '--table', 'orders', '--column', 'name', '--to', 'title', '--id', 'rename-name'];
const known = ['--type', 'text', '--key', 'id'];

type Entry = { readonly migrations: readonly Record<string, Record<string, unknown>>[] };

/** Every path that the printed lines name. */
function filesOf(out: string): readonly string[] {
  const texts = (value: unknown): readonly string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(texts)
        : [];
  return texts((parse(out) as Entry).migrations).filter((text) => text.endsWith('.sql'));
}

test('writes every file that the printed lines name, and no other', async () => {
  const { code, out, err } = await write([...rename, ...known]);
  expect(code).toBe(0);
  const written = (await readdir(path.join(folder, 'db'))).map((name) => `db/${name}`);
  expect([...filesOf(out)].sort()).toEqual(written.sort());
  expect((parse(out) as Entry).migrations[0]).toMatchObject({
    id: 'rename-name',
    backfill: { key: { table: 'public.orders', column: 'id', rows: 10_000 } },
    reconcile: [{ id: 'rename-name', table: 'public.orders', key: 'id' }],
  });
  expect(err).toContain('Nobody read the database');
});

test('overwrites nothing without --force, and then writes nothing at all', async () => {
  expect(await write([...rename, ...known])).toMatchObject({ code: 0 });
  const file = path.join(folder, 'db/rename-name.contract.sql');
  await writeFile(file, 'mine');
  await rm(path.join(folder, 'db/rename-name.expand.sql'));
  const { code, err } = await write([...rename, ...known, '--json']);
  expect(code).toBe(2);
  expect(err).toContain('db/rename-name.contract.sql');
  expect(await readdir(path.join(folder, 'db'))).not.toContain('rename-name.expand.sql');
  expect(await write([...rename, ...known, '--force'])).toMatchObject({ code: 0 });
  expect(await readFile(file, 'utf8')).not.toBe('mine');
});

test('names files by --dir and --prefix, and prints one JSON object when asked', async () => {
  const { out } = await write([...rename, ...known, '--dir', 'sql', '--prefix', '007-title', '--json']);
  const found = JSON.parse(out) as { files: string[]; migration: string; notes: string[] };
  expect(found.files).toContain('sql/007-title.expand.sql');
  expect(found.migration).toContain('sql/007-title.expand.undo.sql');
});

test.each([
  ['no type and no database', rename, '--type'],
  ['no new name', ['rename', '--table', 'a', '--column', 'b', '--id', 'c', ...known], '--to'],
  ['a split into nothing', ['split', '--table', 'a', '--column', 'b', '--id', 'c', ...known], '--into'],
  ['a value left out', ['not-null', '--table', 'a', '--column', 'b', '--id', 'c', '--to', 'd', ...known], '--value'],
  ['a new type left out', ['retype', '--table', 'a', '--column', 'b', '--id', 'c', '--to', 'd', ...known], '--to-type'],
])('says which option is missing: %s', async (_what, args, option) => {
  const { code, err } = await write(args);
  expect(code).toBe(2);
  expect(err).toContain(`${option} is missing`);
});

test('a refusal has its code in JSON', async () => {
  const { code, out } = await write([...rename, ...known, '--id', 'Not Good', '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'name-not-sql' } });
});

describe('with a database', () => {
  let env: { readonly SHOP_DSN: string };
  beforeAll(async () => {
    const dsn = await postgres.createDatabase('shop');
    env = { SHOP_DSN: dsn };
    await runSql(
      dsn,
      `create schema shop;
       create type shop.state as enum ('new', 'paid');
       create table shop.orders (
         id bigint generated always as identity primary key,
         name varchar(20) not null default 'Nemo',
         state shop.state not null default 'new',
         size integer generated always as (length(name)) stored,
         note text
       );
       create index orders_name on shop.orders (name);
       create view shop.names as select name from shop.orders;
       create publication everything for table shop.orders;
       create role migration_reader;
       grant select (name) on shop.orders to migration_reader`,
    );
  });
  afterAll(() => runSql(env.SHOP_DSN, 'drop schema shop cascade; drop role migration_reader'));

  const of = (column: string, ...more: readonly string[]) =>
    ['--table', 'shop.orders', '--column', column, '--id', 'change', '--dsn', 'env:SHOP_DSN', ...more] as const;

  test('type, default, key and privileges come from there, and what hangs on the column is said', async () => {
    const { code, out, err } = await write(['rename', ...of('name', '--to', 'title')], env);
    expect(code).toBe(0);
    expect(out).toContain('column: id');
    const expand = await readFile(path.join(folder, 'db/change.expand.sql'), 'utf8');
    expect(expand).toContain('add column "title" character varying(20)');
    expect(expand).toContain('grant select ("title") on table "shop"."orders" to migration_reader');
    const contract = await readFile(path.join(folder, 'db/change.contract.sql'), 'utf8');
    expect(contract).toContain(`set default ('Nemo'::character varying)`);
    expect(out).toContain('indexes: [db/change.index-1.sql]');
    const index = await readFile(path.join(folder, 'db/change.index-1.sql'), 'utf8');
    expect(index).toContain('create index concurrently "orders_title_idx"\non "shop"."orders" using "btree" ("title")');
    expect(err).not.toMatch(/index (shop\.)?orders_name/);
    expect(err).toContain('names');
    expect(err).toContain('everything');
  });

  test('a type of the schema is named with it, so that no search path matters', async () => {
    await write(['rename', ...of('state', '--to', 'status')], env);
    expect(await readFile(path.join(folder, 'db/change.expand.sql'), 'utf8')).toContain('"status" shop.state');
    await expect(
      (async () => {
        await runSql(env.SHOP_DSN, await readFile(path.join(folder, 'db/change.expand.sql'), 'utf8'));
        await runSql(env.SHOP_DSN, `insert into shop.orders (status) values ('paid')`);
        const [row] = await runSql(env.SHOP_DSN, 'select state, status from shop.orders');
        await runSql(env.SHOP_DSN, await readFile(path.join(folder, 'db/change.expand.undo.sql'), 'utf8'));
        return row;
      })(),
    ).resolves.toEqual({ state: 'paid', status: 'paid' });
  });

  test.each([
    ['id', 'it is an identity'],
    ['size', 'it is generated'],
    ['nothing', 'is not in the database'],
  ])('column %s is refused: %s', async (column, why) => {
    const { code, err } = await write(['rename', ...of(column, '--to', 'other')], env);
    expect(code).toBe(2);
    expect(err).toContain(why);
    expect(await readdir(folder)).toEqual([]);
  });

  test('a column that is not null already needs no not-null', async () => {
    const { code, err } = await write(['not-null', ...of('name', '--to', 'title', '--value', `''`)], env);
    expect(code).toBe(2);
    expect(err).toContain('not null already');
  });

  test('a secret that is not set is named, never shown', async () => {
    const { code, err } = await write(['rename', ...of('name', '--to', 'title')]);
    expect(code).toBe(1);
    expect(err).toContain('SHOP_DSN is not set');
  });
});
