import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../src/core/canonical';
import type { SqlPart } from '../../src/core/plan/effects';
import type { MigrateEffect } from '../../src/ports/migrations';
import { migrateEffect, sqlFile } from './migrate-effect';

const versions = { expand: '20240101000000', switch: '20240201000000', contract: '20240301000000' } as const;

/** Spillway's own business, whatever the tool. */
const isOwn = (part: SqlPart): part is 'backfill' | 'index' => part === 'backfill' || part === 'index';

/** A part as dbmate wants it: both ways in one file, whose name begins with a version. */
export const dbmatePart: typeof migrateEffect = (part, apply, undo, migration = '0001-orders') => {
  const plain = migrateEffect(part, apply, undo, migration);
  if (isOwn(part)) return plain;
  const text = `-- migrate:up\n${apply}${apply.trimEnd().endsWith(';') ? '' : ';'}\n\n-- migrate:down\n${undo === undefined ? '' : `${undo};`}\n`;
  return inOneFile(plain, `db/migrations/${versions[part]}_${migration}.sql`, text);
};

const inOneFile = (plain: MigrateEffect, path: string, text: string): MigrateEffect => {
  const file = sqlFile(path, text);
  return { ...plain, apply: file, undo: 'skip' in plain.undo ? plain.undo : file };
};

// The libraries are the project's, wherever the script lies.
const script = `
const { Umzug } = require(${JSON.stringify(require.resolve('umzug'))});
const { Client } = require(${JSON.stringify(require.resolve('pg'))});
const ask = async (sql, values) => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try { return await client.query(sql, values); } finally { await client.end(); }
};
const table = 'create table if not exists "SequelizeMeta" (name text primary key)';
const umzug = new Umzug({
  migrations: { glob: ['migrations/*.js', { cwd: __dirname }] },
  context: { ask },
  logger: undefined,
  storage: {
    logMigration: ({ name }) => ask('insert into "SequelizeMeta" values ($1)', [name]),
    unlogMigration: ({ name }) => ask('delete from "SequelizeMeta" where name = $1', [name]),
    executed: async () => { await ask(table); return (await ask('select name from "SequelizeMeta" order by name')).rows.map((row) => row.name); },
  },
});
umzug.runAsCLI().then((ok) => process.exit(ok ? 0 : 1));
`;

/** A folder with a script of umzug and the migrations written into it. */
export function createUmzugFolder() {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-umzug-'));
  mkdirSync(join(directory, 'migrations'));
  writeFileSync(join(directory, 'migrate.js'), script);
  const part: typeof migrateEffect = (which, apply, undo, migration = '0001-orders') => {
    const plain = migrateEffect(which, apply, undo, migration);
    if (isOwn(which)) return plain;
    const text = `exports.up = ({ context }) => context.ask(${JSON.stringify(apply)});\nexports.down = ({ context }) => context.ask(${JSON.stringify(undo ?? 'select 1')});\n`;
    const name = `${migration}.${which}.${sha256Hex(text).slice(0, 8)}.js`;
    writeFileSync(join(directory, 'migrations', name), text);
    return inOneFile(plain, `migrations/${name}`, text);
  };
  return { directory, part, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

const addColumn = (name: string) => ({
  add_column: { table: 'orders', column: { name, type: 'text', nullable: true } },
});
const addNote = {
  operations: [addColumn('note'), { create_index: { table: 'orders', name: 'orders_note', columns: { note: {} } } }],
};

/** A file of pgroll as a part; its undo, where there is one, is the same file. */
export function pgrollPart(
  part: 'expand' | 'contract',
  content: object | string,
  name = '02_orders',
  migration = '0001-orders',
): MigrateEffect {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const plain = migrateEffect(part, text, part === 'expand' ? text : undefined, migration);
  return inOneFile(plain, `db/migrations/${name}.${typeof content === 'string' ? 'yaml' : 'json'}`, text);
}

/** What the suite of all tools writes in SQL, as pgroll wants it; what pgroll does not do stays plain SQL. */
export const pgrollParts: typeof migrateEffect = (part, apply, undo, migration = '0001-orders') => {
  const plain = migrateEffect(part, apply, undo, migration);
  if (part !== 'expand' && part !== 'contract') return plain;
  if (part === 'contract' || apply.includes('column note')) {
    const note = pgrollPart(part, addNote, '02_orders', migration);
    return undo === undefined ? { ...note, undo: plain.undo } : note;
  }
  const [, column] = /add column (\w+)/.exec(apply) ?? [];
  return column === undefined ? plain : pgrollPart(part, { operations: [addColumn(column)] }, '02_orders', migration);
};
