import type { Session } from '../postgres/session';
import { hiddenPattern } from '../../core/contract/names';
import { ledgerSchema } from './own-schemas';

const longestLookMs = 3_000;

const row = (id: string, from: string): string => `select (${id})::bigint as id, r.xmin as version from ${from}`;

// A row of the catalog gets another xmin whenever it is changed, but not by VACUUM or ANALYZE, which write in place.
const versionSql = `
  with n as (select oid from pg_namespace where nspname = any ($1::text[])),
  c as (select oid from pg_class where relnamespace in (select oid from n)),
  t as (select oid from pg_type where typnamespace in (select oid from n)),
  catalog as (
    ${row('r.oid', 'pg_namespace r join n using (oid)')}
    union all ${row('r.oid', 'pg_class r join c using (oid)')}
    union all ${row('r.attrelid::bigint * 4096 + r.attnum', 'pg_attribute r join c on c.oid = r.attrelid where r.attnum > 0')}
    union all ${row('r.oid', 'pg_attrdef r join c on c.oid = r.adrelid')}
    union all ${row('r.seqrelid', 'pg_sequence r join c on c.oid = r.seqrelid')}
    union all ${row('r.indexrelid', 'pg_index r join c on c.oid = r.indrelid')}
    union all ${row('r.oid', 'pg_constraint r join n on n.oid = r.connamespace')}
    union all ${row('r.oid', 'pg_trigger r join c on c.oid = r.tgrelid')}
    union all ${row('r.oid', 'pg_rewrite r join c on c.oid = r.ev_class')}
    union all ${row('r.oid', 'pg_policy r join c on c.oid = r.polrelid')}
    union all ${row('r.oid', 'pg_proc r join n on n.oid = r.pronamespace')}
    union all ${row('r.oid', 'pg_type r join t using (oid)')}
    union all ${row('r.oid', 'pg_enum r join t on t.oid = r.enumtypid')}
  )
  select count(*) || ' ' || coalesce(sum(hashint8extended(id, version::text::bigint)), 0) as version from catalog`;

const lastChangesSql = `
  with t as (
    select 'table ' || format('%I.%I', n.nspname, c.relname) as object, c.oid, age(c.xmin) as age
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'f', 'c')),
  a as (
    select t.object, a.attnum, a.attname, a.attisdropped, age(a.xmin) as age, min(age(a.xmin)) over (partition by t.oid) as newest, t.age as table_age
      from t join pg_attribute a on a.attrelid = t.oid
     where t.object = any ($1::text[]) and a.attnum > 0 and a.attname !~ '${hiddenPattern}')
  select object, array_agg(case when attisdropped then 'a dropped column' else format('column %I', attname) end order by attnum) as changes
    from a where age = newest and age <= table_age group by object`;

/** Of the catalog alone, in a transaction that can write nothing and ends when it takes too long. */
const lookAt = <T>(session: Session, look: () => Promise<T>): Promise<T> =>
  session.transaction(async () => {
    await session.query(
      `select set_config('search_path', 'pg_catalog', true), set_config('statement_timeout', '${longestLookMs}', true)`,
    );
    return look();
  }, 'read only');

/** A text that is another one when anything in these schemas was changed; without a lock on anybody's table. */
export const readSchemaVersion = (session: Session, schemas: readonly string[]): Promise<string> =>
  lookAt(session, async () => {
    const watched = schemas.filter((schema) => schema !== ledgerSchema);
    const { rows } = await session.query<{ version: string }>(versionSql, { values: [watched] });
    return rows[0]?.version ?? '';
  });

/** The columns of each of these tables that its last change touched, by the table as a snapshot names it. */
export const readLastChanges = (
  session: Session,
  tables: readonly string[],
): Promise<{ readonly [table: string]: readonly string[] }> =>
  lookAt(session, async () => {
    const { rows } = await session.query<{ object: string; changes: string[] }>(lastChangesSql, { values: [tables] });
    return Object.fromEntries(rows.map(({ object, changes }) => [object, changes]));
  });
