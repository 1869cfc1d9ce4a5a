import type { SqlRole } from '../../src/core/plan/sql-report';
import { judgeSql } from '../../src/sql/judge';

const codesOf = async (role: SqlRole, sql: string) =>
  (await judgeSql({ path: 'a.sql', sql }, role)).issues.map(({ code }) => code);

it('takes in contract and undo what expand may not drop or rename', async () => {
  const sql = 'alter table t drop column a; drop table u; alter table t rename column b to c; drop function f();';
  expect(await codesOf('contract', sql)).toEqual([]);
  expect(await codesOf('undo', sql)).toEqual([]);
  expect(await codesOf('switch', sql)).toHaveLength(4);
});

it('knows names by what they are and not by how they are written', async () => {
  expect(await codesOf('expand', 'create table "T" (a int); create index on "T" (a)')).toEqual([]);
  expect(await codesOf('expand', 'create table "T" (a int); create index on T (a)')).toEqual(['index-blocks-writes']);
  expect(await codesOf('expand', 'create table T (a int); create index on "t" (a)')).toEqual([]);
  expect(await codesOf('expand', 'create table a.t (a int); create index on b.t (a)')).toEqual(['index-blocks-writes']);
  expect(await codesOf('expand', 'create table "a.t" (a int); create index on a.t (a)')).toEqual([
    'index-blocks-writes',
  ]);
});
