import { withSearchPath } from '../postgres/search-path';
import type { Session } from '../postgres/session';

/** How to bring one object of the schema back as it was, and how to take it away. */
export type Definition = { readonly key: string; readonly rank: number; readonly make: string; readonly drop: string };

// Lower ranks first: what later ones build on.
const definitionsSql = `
  with n as (select oid from pg_namespace where nspname = any ($1::text[])),
       t as (select oid, oid::regclass::text as name from pg_class
              where relnamespace in (select oid from n) and relkind in ('r', 'p'))
  select 'function ' || p.oid::regprocedure as key, 1 as rank, pg_get_functiondef(p.oid) as make, '' as drop
    from pg_proc p where p.pronamespace in (select oid from n) and p.prokind in ('f', 'p')
  union all
  select format('column %s.%I', t.name, a.attname), 2,
         format('alter table %s alter column %I %s not null', t.name, a.attname, case when a.attnotnull then 'set' else 'drop' end), ''
    from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  union all
  select format('column %s.%I, its default', t.name, a.attname), 2,
         format('alter table %s alter column %I %s', t.name, a.attname,
           coalesce('set default ' || pg_get_expr(d.adbin, d.adrelid), 'drop default')), ''
    from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attgenerated = '' and a.attidentity = ''
  union all
  -- Where it counts on is read from the rows: by then its own sequence is gone.
  select format('column %s.%I, its identity', t.name, a.attname), 3,
         format('alter table %1$s alter column %2$I add generated %3$s as identity '
             '(start with %4$s increment by %5$s minvalue %6$s maxvalue %7$s cache %8$s %9$s); '
             'select setval(pg_get_serial_sequence(%10$L, %11$L), coalesce(%12$s(%2$I), %4$s), %12$s(%2$I) is not null) from %1$s',
           t.name, a.attname, case a.attidentity when 'a' then 'always' else 'by default' end, q.seqstart, q.seqincrement,
           q.seqmin, q.seqmax, q.seqcache, case when q.seqcycle then 'cycle' else 'no cycle' end, t.name, a.attname,
           case when q.seqincrement > 0 then 'max' else 'min' end),
         format('alter table %s alter column %I drop identity if exists', t.name, a.attname)
    from t join pg_attribute a on a.attrelid = t.oid and a.attidentity <> '' and not a.attisdropped
    join pg_depend p on p.refobjid = t.oid and p.refobjsubid = a.attnum and p.deptype = 'i' and p.classid = 'pg_class'::regclass
    join pg_sequence q on q.seqrelid = p.objid
  union all
  select format('constraint %s.%I', t.name, k.conname), case k.contype when 'f' then 4 else 3 end,
         format('alter table %s add constraint %I %s%s', t.name, k.conname, pg_get_constraintdef(k.oid),
           case when k.contype in ('c', 'f') and k.convalidated then ' not valid' end),
         format('alter table %s drop constraint if exists %I', t.name, k.conname)
    from t join pg_constraint k on k.conrelid = t.oid where k.contype in ('c', 'f', 'u', 'p', 'x')
  union all
  select 'index ' || i.indexrelid::regclass, 5, pg_get_indexdef(i.indexrelid), format('drop index if exists %s', i.indexrelid::regclass)
    from t join pg_index i on i.indrelid = t.oid
   where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('u', 'p', 'x'))
  union all
  select format('trigger %s.%I', t.name, g.tgname), 6,
         -- The definition alone does not say when a trigger fires for replicated rows, or that it is switched off.
         pg_get_triggerdef(g.oid) || case when g.tgenabled = 'O' then '' else format('; alter table %s %s trigger %I', t.name,
           case g.tgenabled when 'A' then 'enable always' when 'R' then 'enable replica' else 'disable' end, g.tgname) end,
         format('drop trigger if exists %I on %s', g.tgname, t.name)
    from t join pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
  union all
  select 'view ' || c.oid::regclass, 7, format('create view %s as %s', c.oid::regclass, pg_get_viewdef(c.oid)),
         format('drop view if exists %s', c.oid::regclass)
    from pg_class c where c.relnamespace in (select oid from n) and c.relkind = 'v'
  order by rank, key`;

/** Everything of the schemas that a contract file may change beside rows and columns, in the order in which it can be made. */
export async function readDefinitions(session: Session, schemas: readonly string[]): Promise<readonly Definition[]> {
  // Names are written with their schema where that is not on the path.
  return withSearchPath(
    session,
    'pg_catalog',
    async () => (await session.query<Definition>(definitionsSql, { values: [schemas] })).rows,
  );
}
