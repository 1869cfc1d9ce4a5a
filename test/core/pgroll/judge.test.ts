import { judgePgroll } from '../../../src/core/pgroll/judge';
import type { SqlRole } from '../../../src/core/plan/sql-report';

const judge = (sql: string, path = 'db/02_age.yaml', role: SqlRole = 'expand') => judgePgroll({ path, sql }, role);
const found = (...given: Parameters<typeof judge>) => judge(...given).issues.map(({ code, line }) => `${line} ${code}`);
const one = (operation: string) => `operations:\n  - ${operation}\n`;

it.each([
  ['no YAML', 'operations: [', '1 pgroll-not-read'],
  ['no operations', 'name: a\n', '1 pgroll-not-read'],
  ['an empty list', 'operations: []\n', '1 pgroll-not-read'],
  ['two names in one operation', one('{ a: {}, b: {} }'), '2 pgroll-not-read'],
  ['SQL that nobody reads', one('sql: { up: drop table a, down: select 1 }'), '2 pgroll-operation-refused'],
  ['a table that is gone at the start', one('drop_table: { name: a }'), '2 pgroll-operation-refused'],
  ['what rollback leaves', one('set_replica_identity: { table: a }'), '2 pgroll-operation-refused'],
  ['what it does not know', one('add_colum: { table: a }'), '2 pgroll-operation-refused'],
  ['columns that are not named', one('drop_constraint: { table: a, name: b }'), '2 pgroll-operation-refused'],
  [
    'a new form that is demanded before it is filled',
    one('alter_column: { table: a, column: b, nullable: no, up: x, down: b }'),
    '2 pgroll-not-null-window',
  ],
  [
    'a new column that is',
    one('add_column: { table: a, column: { name: b, type: int }, up: "1" }'),
    '2 pgroll-not-null-window',
  ],
  [
    'triggers that PostgreSQL would take for one',
    one(`alter_column: { table: ${'t'.repeat(50)}, column: b, type: int, up: b, down: b }`),
    '2 pgroll-trigger-name',
  ],
])('refuses %s', (_, text, issue) => {
  expect(found(text)[0]).toBe(issue);
});

it.each(['db/02-age.yaml', 'db/02_Age.json'])('refuses %s, which no search path is equal to without quotes', (path) => {
  expect(found('{"operations": [{"rename_column": {"table": "a", "from": "b", "to": "c"}}]}', path)).toEqual([
    '1 pgroll-version-name',
  ]);
});

it('refuses what works on names that a rename of the same file changes', () => {
  const text =
    'operations:\n  - rename_table: { from: a, to: b }\n  - alter_column: { table: b, column: c, type: int, up: c, down: c }\n';
  expect(found(text)).toEqual(['3 pgroll-operation-refused']);
});

it('has no step for a switch', () => {
  expect(found(one('create_index: { name: a, table: b, columns: { c: {} } }'), 'db/1.yaml', 'switch')).toEqual([
    '1 pgroll-no-switch',
  ]);
});

it.each([
  ['a nullable column', 'add_column: { table: a, column: { name: b, type: int, nullable: true }, up: "1" }'],
  ['a constant default', 'add_column: { table: a, column: { name: b, type: int, default: "1" } }'],
  ['a type change', 'alter_column: { table: a, column: b, type: int, up: b::int, down: b::text }'],
  ['an index', 'create_index: { name: a, table: b, columns: { c: {} } }'],
])('takes %s', (_, operation) => {
  expect(judge(one(operation))).toEqual({ issues: [], allowances: [], statements: [], tool: 'pgroll' });
});

const window = 'alter_column: { table: a, column: b, nullable: false, up: x, down: b }';

it('takes the window on purpose, by a comment right above it, and tells why', () => {
  const text = `operations:\n  # spillway: allow pgroll-not-null-window because it is released at night\n  - ${window}\n`;
  expect(judge(text)).toMatchObject({
    issues: [],
    allowances: [{ rule: 'pgroll-not-null-window', reason: 'it is released at night', line: 2 }],
  });
});

it('allows nothing else, nowhere else', () => {
  const comment = '# spillway: allow pgroll-not-null-window because so';
  expect(found(`${comment}\noperations:\n  - ${window}\n`)).toEqual([
    '3 pgroll-not-null-window',
    '1 pgroll-nothing-to-allow',
  ]);
  expect(
    found('operations:\n  # spillway: allow pgroll-operation-refused because so\n  - drop_table: { name: a }\n'),
  ).toEqual(['3 pgroll-operation-refused', '2 pgroll-nothing-to-allow']);
});
