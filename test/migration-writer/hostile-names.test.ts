import type { Client } from 'pg';
import {
  readNewColumn,
  renameColumn,
  requireColumn,
  retypeColumn,
  splitColumn,
} from '../../src/core/migration-writer/changes';
import type { Change } from '../../src/core/migration-writer/change';
import { quoteName, quoteTable } from '../../src/core/migration-writer/names';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { connectTo, rowsOf, sqlOf } from './written';

let postgres: TestPostgres;
let client: Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = await connectTo(await postgres.createDatabase('hostile'));
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});
beforeEach(() => client.query('begin'));
afterEach(() => client.query('rollback'));

const table = { schema: 'S"; drop schema public --', name: `We"ird\n; select 1 -- ${'x'.repeat(40)}` };
const hostile = `o'ld $sync$ {a} \\ "; --\nselect`;
const key = '"k\n"';
const subject = (isRequired: boolean, type = 'text') => ({
  id: 'a-very-long-id-that-fills-what-a-name-may-have-in-bytes-or-more',
  table,
  old: { name: hostile, type, isRequired },
  key,
  grants: [],
});

const changes: readonly (readonly [string, Change, string])[] = [
  ['rename', renameColumn(subject(true), 'order'), 'text not null'],
  ['rename to a name with a line end', renameColumn(subject(false), 'ne\nw; drop table x; --'), 'text'],
  ['retype', retypeColumn(subject(true, 'integer'), { to: `$sync1$ '"`, type: 'bigint' }), 'integer not null'],
  ['not-null', requireColumn(subject(false), 'select', `'; drop table x; --'`), 'text'],
  [
    'split',
    splitColumn(
      { ...subject(true), old: { name: 'new', type: 'text', isRequired: true } },
      [
        readNewColumn(`"old" text not null = split_part({new}, '{;', 1)`, 'new'),
        readNewColumn(`"tg op" text = nullif(split_part({new}, '{;', 2), '')`, 'new'),
      ],
      `{old} || coalesce('{;' || {tg op}, '')`,
    ),
    'text not null',
  ],
];

it.each(changes)('%s works whatever its names are', async (_kind, change, definition) => {
  const [at, old, id] = [quoteTable(table), quoteName(change.old.name), quoteName(key)];
  const fresh = quoteName(change.fresh[0]?.name ?? '');
  const run = async (part: Parameters<typeof sqlOf>[1], values: readonly unknown[] = []) =>
    rowsOf(client, sqlOf(change, part), values);
  await client.query(`create schema ${quoteName(table.schema)};
    create table ${at} (${id} integer primary key, ${old} ${definition});
    insert into ${at} values (1, '1'), (2, '2')`);
  const ids = async (part: Parameters<typeof sqlOf>[1]) => (await run(part)).map((row) => row[key]);
  await client.query(sqlOf(change, 'expand'));
  expect(await run('expand.check')).toEqual([]);
  expect(await ids('backfill.check')).toEqual([1, 2]);
  await client.query(
    `insert into ${at} (${id}, ${old}) values (3, '3'); insert into ${at} (${id}, ${fresh}) values (4, '4')`,
  );
  await run('backfill', [0, 2]);
  expect(await ids('backfill.check')).toEqual([]);
  expect(await ids('losses')).toEqual([]);
  const values = async (column: string) =>
    (await rowsOf(client, `select ${column}::text as value from ${at} order by ${id}`)).map(({ value }) => value);
  expect(await values(old)).toEqual(['1', '2', '3', '4']);
  expect(await values(fresh)).toEqual(['1', '2', '3', '4']);
  await client.query('savepoint before_undo');
  await client.query(sqlOf(change, 'expand.undo'));
  expect(await values(old)).toEqual(['1', '2', '3', '4']);
  expect(await rowsOf(client, `select from pg_proc where proname like '%_sync'`)).toEqual([]);
  await client.query('rollback to before_undo');
  await client.query(sqlOf(change, 'contract'));
  expect(await run('contract.check')).toEqual([]);
  expect(await values(fresh)).toEqual(['1', '2', '3', '4']);
});
