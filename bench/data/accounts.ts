import { sha256Hex } from '../../src/core/canonical';
import type { MigrateEffect } from '../../src/ports/migrations';

/** A table of six columns whose `age` is a text and is to become a number. */
export const seedSql = (rows: number): string => `
  create table accounts (
    id bigint primary key, name text not null, email text not null, age text not null,
    writes int not null default 0, created_at timestamptz not null default now());
  insert into accounts (id, name, email, age)
    select i, 'Name ' || i, 'user' || i || '@example.com', (18 + i % 60)::text from generate_series(1, ${rows}) i;`;

/** Done once after the rows are there: what autovacuum does to any table that is not brand new. */
export const settleSql = 'vacuum analyze accounts; checkpoint';

/**
 * The new form beside the old one, kept in step both ways. `isMarked`: the triggers leave the rows of a backfill alone,
 * which writes both forms itself.
 */
const expandSql = (isMarked: boolean): string => {
  const unless = isMarked ? "pg_catalog.current_setting('spillway.backfill', true) is distinct from 'on'" : 'true';
  return `
  alter table accounts add column age_number int;
  create function accounts_age() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
      if new.age_number is null then new.age_number := new.age::int; else new.age := new.age_number::text; end if;
    elsif new.age is distinct from old.age then new.age_number := new.age::int;
    elsif new.age_number is distinct from old.age_number then new.age := new.age_number::text;
    end if;
    return new; end $$;
  create trigger accounts_age_insert before insert on accounts for each row execute function accounts_age();
  create trigger accounts_age_update before update on accounts for each row
    when (${unless}) execute function accounts_age();`;
};

export const batchSql = 'update accounts set age_number = age::int where id > $1 and id <= $2 and age_number is null';
export const indexSql = 'create index concurrently accounts_age_number on accounts (age_number)';

/** Nothing wrong: no row, when both forms agree everywhere. */
export const wrongSql = 'select id from accounts where age_number is null or age_number::text is distinct from age';

const file = (path: string, sql: string) => ({ path, sql, sha256: sha256Hex(sql) });

/** The parts of the type change as effects of a plan. */
export function accountEffects({ isMarked = true, rows = 10_000, statementMs = 200, restMs = 0 } = {}): {
  readonly [part in 'expand' | 'backfill' | 'index']: MigrateEffect;
} {
  const effect = (part: 'expand' | 'backfill' | 'index', sql: string): MigrateEffect => ({
    kind: 'migrate',
    key: `migrate/age/${part}`,
    target: 'accounts',
    migration: 'age',
    part,
    apply: file(`age.${part}.sql`, sql),
    undo: { skip: 'a measure is not undone' },
  });
  return {
    expand: effect('expand', expandSql(isMarked)),
    backfill: {
      ...effect('backfill', batchSql),
      backfill: {
        key: { table: 'accounts', column: 'id', rows },
        throttle: { statementMs, replicaLagMs: 10_000, restMs },
        guard: { rules: [] },
      },
    },
    index: effect('index', indexSql),
  };
}
