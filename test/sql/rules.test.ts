import type { SqlRole } from '../../src/core/plan/sql-report';
import { judgeSql } from '../../src/sql/judge';
import { sqlRules } from '../../src/sql/rules';
import { rowCases } from './row-cases';
import { schemaCases } from './schema-cases';

const rows = [...schemaCases, ...rowCases];

const codesOf = async (role: SqlRole, sql: string) =>
  (await judgeSql({ path: 'a.sql', sql }, role)).issues.map(({ code }) => code);

describe.each(rows)('%s in %s', (code, role, marked, accepted) => {
  it(`refuses at the mark: ${marked}`, async () => {
    const sql = marked.replace('§', '');
    const before = marked.slice(0, marked.indexOf('§'));
    const line = before.split('\n').length;
    const column = before.length - before.lastIndexOf('\n');
    const { issues } = await judgeSql({ path: 'db/a.sql', sql }, role);
    const issue = issues.find((each) => each.code === code && each.line === line);
    expect(issue).toMatchObject({ code, file: 'db/a.sql', line, column });
  });

  it(`takes: ${accepted}`, async () => {
    expect(await codesOf(role, accepted)).toEqual([]);
  });
});

it('has a refused and an accepted text for every rule', () => {
  expect(sqlRules.map(({ code }) => code).filter((code) => !rows.some(([tested]) => tested === code))).toEqual([]);
});

it('gives every rule a name of its own, a danger and a safe way', () => {
  expect(new Set(sqlRules.map(({ code }) => code)).size).toBe(sqlRules.length);
  for (const { code, danger, instead } of sqlRules) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)+$|^truncate$|^extension$|^privileges$/);
    expect(danger).not.toMatch(/[.;]$/);
    expect(instead).not.toMatch(/\.$/);
  }
});

it('says every danger of every statement, in the order of the file', async () => {
  const sql = 'truncate t cascade;\n\nalter table t add a json, alter b type int;\nlock table t;';
  const { issues } = await judgeSql({ path: 'a.sql', sql }, 'contract');
  expect(issues.map(({ code, line, column }) => `${line}:${column} ${code}`)).toEqual([
    '1:1 truncate',
    '3:19 json-type',
    '3:33 column-type-change',
    '4:1 lock-table',
  ]);
});
