import { builtIndex } from '../../src/sql/index-build';
import { judgeSql } from '../../src/sql/judge';
import { parseSql } from '../../src/sql/parse';

const built = async (sql: string) => {
  const parsed = await parseSql({ path: 'a.sql', sql });
  return parsed.ok ? parsed.value.map(builtIndex) : parsed.issues;
};

it.each([
  ['create index concurrently a on t (x)', 'a'],
  ['-- why;\ncreate unique index concurrently "Odd;""one" on only sales."T" (x) where x is null;', 'sales."Odd;""one"'],
  ['CREATE INDEX CONCURRENTLY A ON "S".T (lower(x))', '"S".a'],
])('reads the index that is built: %s', async (sql, name) => {
  expect(await built(sql)).toEqual([name]);
});

it.each([
  'create index a on t (x)',
  'create index concurrently on t (x)',
  'create index concurrently if not exists a on t (x)',
  'drop index concurrently a',
  'select 1',
])('takes nothing else for a build: %s', async (sql) => {
  expect(await built(sql)).toEqual([undefined]);
  const { issues, builds } = await judgeSql({ path: 'a.sql', sql }, 'index');
  expect(issues.map(({ code }) => code)).toEqual(['not-an-index-build']);
  expect(builds).toBeUndefined();
});

it('takes one build a file, and lets that one be where it is named under `indexes` alone', async () => {
  const sql = 'create index concurrently a on t (x)';
  expect(await judgeSql({ path: 'a.sql', sql }, 'index')).toMatchObject({ issues: [], builds: 'a' });
  const twice = await judgeSql({ path: 'a.sql', sql: `${sql}; ${sql}` }, 'index');
  expect(twice.issues.map(({ code }) => code)).toEqual(['not-an-index-build']);
  const expand = await judgeSql({ path: 'a.sql', sql }, 'expand');
  expect(expand.issues.map(({ code }) => code)).toEqual(['needs-no-transaction']);
});
