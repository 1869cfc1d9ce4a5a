import { codesOf, judgeMigration } from '../support/judge-migration';

const validated = 'alter table t validate constraint c; alter table t alter a set not null';

describe('set not null', () => {
  it.each([
    ['a check of the column', 'alter table t add constraint c check (a is not null) not valid', validated],
    [
      'a check of more columns',
      'alter table t add constraint c check (b > 0 and not (a is null)) not valid',
      validated,
    ],
    ['a not-null of PostgreSQL 18', 'alter table t add constraint c not null a not valid', validated],
    ['the table with its schema', 'alter table public.t add constraint c check (a is not null) not valid', validated],
    [
      'a check without a name',
      'alter table s.t add check (a is not null) not valid',
      'alter table s.t validate constraint t_a_check; alter table s.t alter a set not null',
    ],
  ])('is taken after validating %s', async (_, expand, contract) => {
    expect(await codesOf('contract', { expand, contract })).toEqual([]);
  });

  it.each([
    ['another column', 'alter table t add constraint c check (b is not null) not valid', validated],
    ['a check that nulls pass', 'alter table t add constraint c check (a > 0) not valid', validated],
    ['one of two', 'alter table t add constraint c check (a is not null or b is not null) not valid', validated],
    ['a reference', 'alter table t add constraint c foreign key (a) references u not valid', validated],
    ['what nobody knows', 'select 1', validated],
    ['another table', 'alter table u add constraint c check (a is not null) not valid', validated],
    [
      'a check that the same statement drops',
      'alter table t add constraint c check (a is not null) not valid',
      'alter table t validate constraint c; alter table t drop constraint c, alter a set not null',
    ],
    [
      'nothing yet',
      'alter table t add constraint c check (a is not null) not valid',
      'alter table t validate constraint c, alter a set not null',
    ],
  ])('reads the table after validating %s', async (_, expand, contract) => {
    expect(await codesOf('contract', { expand, contract })).toContain('set-not-null-scan');
  });

  it('shows the lock for a moment only where nothing is read', async () => {
    const lockOf = async (said: string) => {
      const expand = `alter table t add constraint c check (${said}) not valid`;
      return (await judgeMigration({ expand, contract: validated }))['contract contract']?.statements[1]?.locks[0]
        ?.blocks;
    };
    expect(await lockOf('a is not null')).toBe('blocks reads and writes for a moment');
    expect(await lockOf('b is not null')).toBe('blocks reads and writes while it scans the table');
  });
});

describe('attach partition', () => {
  const attach = (bounds: string) =>
    `alter table p validate constraint c; alter table t attach partition p for values ${bounds}`;
  const check = (said: string) => `alter table p add constraint c check (${said}) not valid`;

  it.each([
    ["in ('a', 'b')", "a is not null and a in ('a', 'b')"],
    ["in ('a', 'b')", "a is not null and a = 'b'::text"],
    ['in (1, -2)', 'a is not null and a = any (array[1, -2])'],
    ["from ('2026-01-01') to ('2026-02-01')", "d >= date '2026-01-01' and d < '2026-02-01' and d is not null"],
    ['from (minvalue) to (7)', 'n is not null and n < 7'],
  ])('%s is taken after validating %s', async (bounds, said) => {
    expect(await codesOf('contract', { expand: check(said), contract: attach(bounds) })).toEqual([]);
  });

  it.each([
    ["in ('a')", "a = 'a'"],
    ["in ('a')", "a is not null and a in ('a', 'b')"],
    ["in ('a')", "a is not null and b = 'a'"],
    ["in ('a')", 'a is not null'],
    ["from ('2026-01-01') to ('2026-02-01')", "d is not null and d >= '2026-01-01' and d <= '2026-02-01'"],
    ["from ('2026-01-01') to ('2026-02-01')", "d is not null and d >= '2026-01-01'"],
    ['with (modulus 2, remainder 0)', 'a is not null'],
  ])('%s reads the partition after validating %s', async (bounds, said) => {
    const found = await codesOf('contract', { expand: check(said), contract: attach(bounds) });
    expect(found).toEqual(['partition-attach-scan']);
  });
});

describe('a backfill', () => {
  const expand = 'alter table orders add column client text; create table notes (a text)';

  it.each([
    'update orders set client = upper(customer) where id > $1 and id <= $2',
    'update public.orders set client = customer where id in (select id from orders where client is null limit 9)',
    'with b as (select id from orders limit 9) update orders o set client = customer from b where b.id = o.id',
    'with b as (select id from orders limit 9) update orders set client = customer where id in (select id from b)',
    'delete from notes where a in (select a from notes limit 9)',
    'merge into orders o using (select id from orders limit 9) b on o.id = b.id when matched then update set client = customer',
    'insert into orders (id) select id from old limit 9 on conflict (id) do update set client = excluded.id',
  ])('may write what its migration adds: %s', async (backfill) => {
    expect(await codesOf('backfill', { expand, backfill })).toEqual([]);
  });

  it.each([
    ['another column', expand, 'update orders set client = customer, customer = null where id = $1'],
    ['another table', expand, 'update people set client = name where id = $1'],
    ['a table of another schema', expand, 'update old.orders set client = customer where id = $1'],
    ['a column that may be an old one', 'alter table t add if not exists a int', 'update t set a = 1 where id = $1'],
    ['a table that may be an old one', 'create table if not exists t (a int)', 'delete from t where a = $1'],
  ])('is refused for %s', async (_, made, backfill) => {
    expect(await codesOf('backfill', { expand: made, backfill })).toEqual(['old-rows-changed']);
  });
});
