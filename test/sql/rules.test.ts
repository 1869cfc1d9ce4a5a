import type { SqlRole } from '../../src/core/plan/sql-report';
import { judgeSql } from '../../src/sql/judge';
import { sqlRules } from '../../src/sql/rules';

type Row = readonly [code: string, role: SqlRole, refused: string, accepted: string];

/** `§` marks where the refusal points. Each accepted text is the safe way, or what looks alike and is safe. */
const rows: readonly Row[] = [
  ['column-type-change', 'expand', 'alter table t alter column §a type bigint', 'alter table t add column b bigint'],
  [
    'column-type-change',
    'expand',
    'create table if not exists t (a int);\nalter table t alter column §a type bigint',
    'create table t (a int); alter table t alter column a type bigint',
  ],
  [
    'volatile-default',
    'expand',
    'alter table t\n  add column §a uuid default gen_random_uuid()',
    'alter table t add column a timestamptz not null default now()',
  ],
  [
    'volatile-default',
    'undo',
    'alter table t add column §a int default my.f()',
    "alter table t add column a jsonb default '{}'",
  ],
  [
    'volatile-default',
    'expand',
    'alter table t add §a timestamptz default clock_timestamp()',
    'alter table t add a date default current_date',
  ],
  [
    'stored-generated-column',
    'expand',
    'alter table t add column §a int generated always as (b * 2) stored',
    'alter table t add column a int generated always as (b * 2) virtual',
  ],
  [
    'identity-on-old-table',
    'expand',
    'alter table t add column §a bigint generated always as identity',
    'create table t (a bigint generated always as identity)',
  ],
  [
    'not-null-without-default',
    'expand',
    'alter table t add b int, add column §a int not null',
    'alter table t add column a int not null default 0',
  ],
  [
    'set-not-null-scan',
    'contract',
    'alter table t add x int,\n alter §a set not null',
    'create table t (a int); alter table t alter a set not null',
  ],
  ['drop-not-null', 'expand', 'alter table "T;é" alter §a drop not null', 'alter table t add column a int null'],
  ['drop-default', 'expand', 'alter table t alter §a drop default', 'alter table t alter a set default 2'],
  [
    'constraint-scan',
    'expand',
    'alter table t add §constraint c check (a > 0)',
    'alter table t add constraint c check (a > 0) not valid',
  ],
  [
    'constraint-scan',
    'expand',
    'alter table t add §constraint c foreign key (a) references u',
    'alter table t add constraint c foreign key (a) references u not valid',
  ],
  [
    'constraint-scan',
    'expand',
    'alter table t add column §a int check (a > 0)',
    'alter table t add column a int references u',
  ],
  [
    'constraint-scan',
    'expand',
    'alter table t add §constraint c not null a',
    'alter table t add constraint c not null a not valid',
  ],
  [
    'constraint-builds-index',
    'expand',
    'alter table t add §constraint c unique (a)',
    'alter table t add constraint c unique using index i',
  ],
  [
    'constraint-builds-index',
    'expand',
    'alter table t add column §a int unique',
    'create table t (a int unique, exclude using gist (b with &&))',
  ],
  [
    'constraint-builds-index',
    'expand',
    'alter table t add §constraint c exclude using gist (b with &&)',
    'alter table t add constraint c primary key using index i',
  ],
  [
    'scan-under-lock',
    'contract',
    'alter table t drop column b;\nalter table t validate constraint §c',
    'alter table t validate constraint c; alter table t drop column b',
  ],
  [
    'scan-under-lock',
    'expand',
    'alter table t add constraint c check (a > 0) not valid, validate constraint §c',
    'alter table u add constraint c check (a > 0) not valid; alter table t validate constraint c',
  ],
  [
    'domain-constraint',
    'expand',
    '§alter domain d add constraint c check (value > 0)',
    'alter domain d add constraint c check (value > 0) not valid',
  ],
  [
    'partition-attach-scan',
    'expand',
    "alter table t attach partition §p for values in ('a')",
    "create table p (a text); alter table t attach partition p for values in ('a')",
  ],
  [
    'index-blocks-writes',
    'expand',
    'select 1;\n  §create unique index i on s.t (a)',
    'create table s.t (a int); create index i on s.t (a)',
  ],
  ['not-an-index-build', 'index', '§create index i on t (a)', 'create index concurrently i on t (a)'],
  ['reindex-blocks-writes', 'expand', '§reindex table t', 'analyze t'],
  ['needs-no-transaction', 'expand', '§create index concurrently i on t (a)', 'savepoint a; release a'],
  ['needs-no-transaction', 'expand', 'alter table t add a int;\n§commit', 'notify a'],
  ['needs-no-transaction', 'contract', '§vacuum full t', 'analyze t'],
  [
    'drop-outside-contract',
    'expand',
    'alter table t drop column if exists §a',
    'alter table t drop constraint if exists c',
  ],
  [
    'drop-outside-contract',
    'expand',
    '§drop table t',
    'drop trigger g on t; create trigger g before insert on t for each row execute function f()',
  ],
  [
    'drop-outside-contract',
    'expand',
    'create trigger g before insert on t for each row execute function f();\n§drop trigger g on t',
    'create table t (a int); drop table t',
  ],
  ['drop-outside-contract', 'expand', '§drop view v', 'create or replace view v as select 1 as a'],
  ['drop-outside-contract', 'expand', '§drop type mood', 'create type mood as enum ()'],
  [
    'rename-outside-contract',
    'expand',
    '§alter table t rename column a to b',
    'alter table t rename constraint a to b',
  ],
  ['rename-outside-contract', 'expand', '§alter table t rename to u', 'alter index i rename to j'],
  [
    'rename-outside-contract',
    'expand',
    '§alter view v rename column a to b',
    'create or replace view v as select 1 as a',
  ],
  ['rename-outside-contract', 'expand', '§alter type t rename to u', 'create type u as (a int)'],
  ['rename-outside-contract', 'expand', "§alter type e rename value 'a' to 'b'", "create type e as enum ('a')"],
  ['rename-outside-contract', 'expand', '§alter table t set schema s', 'create schema s'],
  ['drop-cascade', 'contract', '§drop table t cascade', 'drop table t'],
  ['drop-cascade', 'undo', 'alter table t drop column §a cascade', 'alter table t drop column a'],
  ['truncate', 'contract', '§truncate t', 'create table t (a int); truncate t'],
  ['enum-value-stays', 'expand', "§alter type e add value 'x'", "create type e as enum ('x')"],
  ['rewrites-table', 'contract', '§cluster t using i', 'alter table t cluster on i'],
  ['rewrites-table', 'expand', '§alter table t set unlogged', 'alter table t set (fillfactor = 90)'],
  ['lock-table', 'undo', '§lock table t in access exclusive mode', 'select 1'],
  ['refresh-blocks-reads', 'expand', '§refresh materialized view v', 'refresh materialized view concurrently v'],
  [
    'trigger-disabled',
    'backfill',
    'alter table t disable trigger §g',
    'update t set a = 1 where id in (select id from t limit 5)',
  ],
  ['row-security', 'expand', '§alter table t enable row level security', 'create policy p on t'],
  ['rewrite-rule', 'expand', '§create rule r as on insert to t do nothing', 'create view v as select 1 as a'],
  ['partition-detach', 'expand', 'alter table t detach partition §p', 'create table p partition of t default'],
  ['unlogged-table', 'expand', '§create unlogged table t (a int)', 'create temp table t (a int)'],
  ['json-type', 'expand', 'create table t (\n  a int,\n  §b json)', 'create table t (b jsonb)'],
  ['small-primary-key', 'expand', 'create table t (§a int primary key)', 'create table t (a bigint primary key)'],
  [
    'small-primary-key',
    'expand',
    'create table t (§a int generated always as identity, b int)',
    'create table t (a int, b int, primary key (a, b))',
  ],
  [
    'serial-type',
    'expand',
    'create table t (§a bigserial)',
    'create table t (a bigint generated by default as identity)',
  ],
  ['char-type', 'expand', 'alter table t add §a char(3)', 'alter table t add a varchar(3)'],
  ['timestamp-without-zone', 'expand', 'alter table t add §a timestamp', 'alter table t add a timestamptz'],
  ['all-rows-at-once', 'expand', '§update t set a = 1', 'update t set a = 1 where id = 7'],
  ['all-rows-at-once', 'undo', '§delete from t', 'create table t (a int); delete from t'],
  ['backfill-not-rows', 'backfill', '§select 1', 'insert into u select a from t limit 5'],
  [
    'backfill-unbounded',
    'backfill',
    '§update t set a = b where a is null',
    'update t set a = b where id > $1 and id <= $2',
  ],
  ['check-not-a-query', 'check', '§delete from t', 'select 1 where false'],
  [
    'check-not-a-query',
    'check',
    '§with x as (delete from t returning a) select a from x',
    'with x as (select a from t) select a from x',
  ],
  ['check-not-a-query', 'check', '§select 1 as a into u union select 2', 'select 1 union select 2'],
  ['check-not-a-query', 'check', '§select a from t for update', 'select a from t limit 1'],
  ['opaque-code', 'expand', '§do $$ begin execute $x$drop table t$x$; end $$', 'comment on table t is $$ do $$'],
  ['opaque-code', 'expand', '§call p()', 'create procedure p() language sql as $$ select 1 $$'],
  ['opaque-code', 'contract', '§select drop_everything()', "select setval('s', 7)"],
  ['opaque-code', 'contract', '§select * from drop_everything()', 'select count(*) from t'],
  ['session-setting', 'expand', '§set lock_timeout = 0', 'set constraints all deferred'],
  ['session-setting', 'expand', '§reset all', 'show lock_timeout'],
  ['session-setting', 'expand', '§set search_path = pg_catalog', 'set local search_path = pg_catalog, pg_temp'],
  ['session-setting', 'expand', '§set local search_path = pg_catalog, public', 'show search_path'],
  ['session-setting', 'check', "§select set_config('role', 'postgres', false)", "select current_setting('role')"],
  ['session-state', 'expand', 'prepare x as select 1;\n§execute x', 'select 1'],
  ['server-function', 'check', "§select pg_read_file('/etc/passwd')", 'select pg_size_pretty(1)'],
  [
    'server-function',
    'backfill',
    '§update t set a = dblink_exec(b) where id = $1',
    'update t set a = lower(b) where id = $1',
  ],
  ['extension', 'expand', '§create extension postgis', 'create schema postgis'],
  ['privileges', 'expand', '§grant select on t to public', 'create table t (a int); grant select on t to app'],
  ['privileges', 'expand', '§create role r superuser', 'create table r (a int)'],
  ['privileges', 'expand', '§alter table t owner to r', 'alter table t add r int'],
  ['copy-reaches-out', 'expand', "§copy t to program 'sh'", 'insert into t values (1)'],
  [
    'security-definer',
    'expand',
    'create function f() returns int language sql §security definer as $$ select 1 $$',
    'create function f() returns int language sql security invoker as $$ select 1 $$',
  ],
  ['server-object', 'expand', '§create publication p for all tables', 'create statistics s on a, b from t'],
  ['server-object', 'expand', '§alter database d set work_mem = 1', 'alter sequence s restart'],
];

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
