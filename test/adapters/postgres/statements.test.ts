import { splitStatements, whyNotInTransaction } from '../../../src/adapters/postgres/statements';

const words = (sql: string) => splitStatements(sql).map((statement) => statement.words);

describe('splitting SQL', () => {
  it.each([
    ['two statements', 'select 1; select 2;', ['select 1', 'select 2']],
    ['a semicolon in a literal', "select 'a;''b;', E'\\';' ; select 2", ['select ,', 'select 2']],
    ['a semicolon in a quoted name', 'select ";" from t; select 2', ['select from t', 'select 2']],
    ['comments', '-- a;\n/* b; /* c; */ d; */ select 1 -- e;', ['select 1']],
    ['a dollar-quoted body', 'do $$ begin; end $$; do $x$ ; $$ ; $x$; select 2', ['do', 'do', 'select 2']],
    ['a name with dollar signs', 'select a$1$ ; select 2', ['select a$1$', 'select 2']],
    ['nothing but comments', '-- nothing\n;;', []],
    ['an unfinished literal', "select 'a; b", ['select']],
    [
      'a body of SQL',
      'create function f() returns int begin atomic select 1; select 2; end; select 3',
      ['create function f() returns int begin atomic select 1 select 2 end', 'select 3'],
    ],
  ])('understands %s', (_, sql, expected) => {
    expect(words(sql)).toEqual(expected);
  });

  it.each([
    'create index concurrently i on t (a)',
    'CREATE UNIQUE INDEX /* quick */ CONCURRENTLY i ON t (a)',
    'drop index concurrently i',
    'reindex (verbose) table concurrently t',
    'alter table t add a int; commit; alter table t add b int',
    'begin',
    'end',
    'rollback',
    'vacuum t',
    'alter system set work_mem = 1',
    'copy t from stdin',
  ])('refuses in a transaction: %s', (sql) => {
    expect(whyNotInTransaction(splitStatements(sql))).toBeDefined();
  });

  it.each([
    'create index i on t (a)',
    "comment on table t is 'create index concurrently'; select 1",
    'savepoint a; rollback to savepoint a',
    'do $$ begin perform 1; end $$',
  ])('takes in a transaction: %s', (sql) => {
    expect(whyNotInTransaction(splitStatements(sql))).toBeUndefined();
  });
});
