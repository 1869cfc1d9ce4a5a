import { isConcurrentIndex, whyNotInTransaction } from '../../src/sql/outside-transaction';
import { parseSql } from '../../src/sql/parse';

const read = async (sql: string) => {
  const parsed = await parseSql({ path: 'a.sql', sql });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
};

describe('what cannot run inside of a transaction', () => {
  it.each([
    'create index concurrently i on t (a)',
    'CREATE UNIQUE INDEX /* quick */ CONCURRENTLY i ON t (a)',
    'drop index concurrently i',
    'reindex (verbose) table concurrently t',
    'reindex schema s',
    'alter table t detach partition p concurrently',
    'alter table t detach partition p finalize',
    'alter table t add a int; commit; alter table t add b int',
    'begin',
    'end',
    'rollback',
    "prepare transaction 'x'",
    'vacuum t',
    'create database d',
    'alter system set work_mem = 1',
    'copy t from stdin',
    'listen a',
  ])('%s', async (sql) => {
    expect((await read(sql)).map(whyNotInTransaction).some((why) => why !== undefined)).toBe(true);
  });

  it.each([
    'create index i on t (a)',
    "comment on table t is 'create index concurrently'; select 1",
    'savepoint a; rollback to savepoint a; release a',
    'do $$ begin perform 1; end $$',
    'analyze t',
    'reindex table t',
    'create table "concurrently" (a int)',
  ])('not: %s', async (sql) => {
    expect((await read(sql)).map(whyNotInTransaction).every((why) => why === undefined)).toBe(true);
  });
});

it('tells an index that is built or dropped beside traffic from others', async () => {
  const sql = 'create index concurrently i on t (a); drop index concurrently i; create index j on t (a); drop index j';
  expect((await read(sql)).map(isConcurrentIndex)).toEqual([true, true, false, false]);
});
