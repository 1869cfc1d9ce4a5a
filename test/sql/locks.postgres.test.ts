import { Client } from 'pg';
import { judgeSql } from '../../src/sql/judge';
import { createOrdersDatabase } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

let postgres: TestPostgres;
let client: Client;

const setUp = `
  create table a (id bigint primary key, n int, t text, constraint positive check (n > 0) not valid);
  create table b (id bigint primary key, a_id bigint);
  create unique index a_n on a (n);
  create table parts (k int) partition by list (k);
  create table part_one (k int check (k = 1));
  create view v as select id from a;
  create materialized view m as select id from a;
  create unique index m_id on m (id);
  create sequence s;
  create function f() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger g before insert on a for each row execute function f();
  create policy p on a;`;

beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new Client({ connectionString: await createOrdersDatabase(postgres) });
  await client.connect();
  await client.query(setUp);
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const strengths = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
];
const spelled = (mode: string): string =>
  mode
    .replace(/Lock$/, '')
    .replace(/(?!^)([A-Z])/g, ' $1')
    .toUpperCase();

/** The strongest lock that the session holds on each relation that was there before. */
async function held(sql: string): Promise<{ readonly [relation: string]: string }> {
  // By what they were called before: the statement may rename or drop them.
  const { rows: before } = await client.query<{ oid: string; name: string }>(
    `select oid::text, oid::regclass::text as name from pg_class where relnamespace = 'public'::regnamespace`,
  );
  const names = new Map(before.map(({ oid, name }) => [oid, name]));
  await client.query('begin');
  try {
    await client.query(sql);
    const { rows } = await client.query<{ oid: string; mode: string }>(
      `select relation::text as oid, mode from pg_locks where pid = pg_backend_pid() and locktype = 'relation'`,
    );
    const strongest: { [relation: string]: string } = {};
    for (const { oid, mode } of rows) {
      const relation = names.get(oid);
      if (relation === undefined) continue;
      const name = mode.replace(/Lock$/, '');
      const known = strongest[relation];
      if (known === undefined || strengths.indexOf(name) > strengths.indexOf(known)) strongest[relation] = name;
    }
    return Object.fromEntries(Object.entries(strongest).map(([relation, mode]) => [relation, spelled(mode)]));
  } finally {
    await client.query('rollback');
  }
}

it.each([
  'alter table a add column x int',
  "alter table a add column x text default 'y'",
  'alter table a add column x bigint default (random() * 9)::int',
  'alter table a drop column t',
  'alter table a alter column n type bigint',
  'alter table a alter column n set not null',
  'alter table a alter column n set default 7',
  'alter table a alter column n set statistics 50',
  'alter table a alter column t set storage external',
  'alter table a validate constraint positive',
  'alter table a drop constraint positive',
  'alter table a add constraint c check (n < 9) not valid',
  'alter table a add constraint c unique using index a_n',
  'alter table b add constraint c foreign key (a_id) references a not valid',
  'alter table b add column x bigint references a',
  'alter table a set (fillfactor = 90)',
  'alter table a set (autovacuum_enabled = false)',
  'alter table a disable trigger g',
  'alter table a enable row level security',
  'alter table a replica identity full',
  'alter table a add column x int, validate constraint positive',
  'alter table a rename column t to u',
  'alter table a rename to c',
  'alter table parts attach partition part_one for values in (1)',
  'create index i on a (t)',
  'create trigger h before update on a for each row execute function f()',
  'drop trigger g on a',
  'create policy q on a',
  'drop policy p on a',
  'create table c (a_id bigint references a)',
  'create table part_two partition of parts for values in (2)',
  'create or replace view v as select id from a',
  'drop view v',
  'drop table b',
  'create statistics st on n, t from a',
  "comment on table a is 'x'",
  "comment on column a.n is 'x'",
  'alter sequence s restart',
  'refresh materialized view m',
  'refresh materialized view concurrently m',
  'truncate b',
  'cluster a using a_n',
  'insert into a values (1, 2)',
  'update a set n = 3 where id = 1',
  'delete from a where id = 1',
  'merge into a using b on a.id = b.id when matched then delete',
])('says the lock that PostgreSQL takes: %s', async (sql) => {
  const { statements } = await judgeSql({ path: 'a.sql', sql }, 'contract');
  const said = Object.fromEntries(
    statements.flatMap(({ locks }) => locks.map(({ relation, mode }) => [relation, mode])),
  );
  const real = await held(sql);
  expect(Object.keys(said)).not.toEqual([]);
  for (const [relation, mode] of Object.entries(said))
    expect(`${relation} ${real[relation]}`).toBe(`${relation} ${mode}`);
  // Nothing that stops writers goes unsaid, but for the index of a table that is named.
  const unsaid = Object.entries(real).filter(
    ([relation, mode]) => !(relation in said) && strengths.map(spelled).indexOf(mode) >= 4,
  );
  expect(unsaid.filter(([relation]) => !/_pkey$|^a_n$|^m_id$/.test(relation))).toEqual([]);
});
