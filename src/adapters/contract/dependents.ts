import type { Dependent } from '../../core/contract/quiet';
import type { Session } from '../postgres/session';
import type { OwnObjects } from './own-objects';
import type { Removed } from './removed';

// $1: the table, $2: the column's number, 0 for the whole table, $3: its name, $4: the table's name, $5: its schema,
// $6: whether it is a part of the table that is meant. What a part has of its whole is told there.
const dependentsSql = `
  with d as (
    select classid, objid from pg_depend
     where refclassid = 'pg_class'::regclass and refobjid = $1::oid and ($2::int = 0 or refobjsubid = $2)
  )
  select 'view' as kind, c.oid::regclass::text as name, 'pg_class' as catalog, c.oid as object, c.oid as relation
    from d join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    join pg_class c on c.oid = r.ev_class where c.oid <> $1
  union
  select 'generated column', format('%s.%I', f.adrelid::regclass, a.attname), 'pg_attrdef', f.oid, f.adrelid
    from d join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
   where a.attgenerated <> '' and (f.adrelid <> $1 or ($2 <> 0 and f.adnum <> $2))
     and not ($6 and a.attinhcount > 0)
  union
  select 'foreign key', format('%s.%I', conrelid::regclass, conname), 'pg_constraint', oid, conrelid
    from pg_constraint where contype = 'f' and confrelid = $1 and conrelid <> $1 and ($2 = 0 or $2 = any (confkey))
     and not ($6 and conparentid <> 0)
  union
  select 'policy', format('%s.%I', p.polrelid::regclass, p.polname), 'pg_policy', p.oid, p.polrelid
    from d join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
   where $2 <> 0 or p.polrelid <> $1
  union
  select 'trigger', format('%s.%I', t.tgrelid::regclass, t.tgname), 'pg_trigger', t.oid, t.tgrelid
    from d join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
   where not t.tgisinternal and $2 <> 0 and not ($6 and t.tgparentid <> 0)
  union
  -- Those for all tables, or for all of a schema, name neither the table nor the column.
  select 'publication', t.pubname, 'pg_publication', p.oid, null
    from pg_publication_tables t join pg_publication p on p.pubname = t.pubname
   where t.schemaname = $5 and t.tablename = $4 and ($2 = 0 or $3::name = any (t.attnames))
  union
  select 'publication', p.pubname, 'pg_publication', p.oid, null
    from d join pg_publication_rel r on d.classid = 'pg_publication_rel'::regclass and r.oid = d.objid
    join pg_publication p on p.oid = r.prpubid
  union
  select 'function', f.oid::regprocedure::text, 'pg_proc', f.oid, null
    from d join pg_proc f on d.classid = 'pg_proc'::regclass and f.oid = d.objid
  union
  -- The text of a function is no dependency that the server keeps: its words are all there is.
  select 'function', f.oid::regprocedure::text, 'pg_proc', f.oid, null
    from pg_proc f join pg_language l on l.oid = f.prolang join pg_namespace n on n.oid = f.pronamespace
   where l.lanname not in ('c', 'internal') and n.nspname not in ('pg_catalog', 'information_schema')
     and exists (select from regexp_split_to_table(lower(f.prosrc), '[^[:alnum:]_$]+') w where w = lower(coalesce($3, $4)))
     and (exists (select from regexp_split_to_table(lower(f.prosrc), '[^[:alnum:]_$]+') w where w = lower($4))
          or exists (select from pg_trigger t where t.tgfoid = f.oid and t.tgrelid = $1))
  order by 1, 2`;

type Row = Dependent & { readonly catalog: string; readonly object: number; readonly relation: number | null };

/** What of the schema depends on something, but for what the contract file drops or removes itself. */
export async function findDependents(
  session: Session,
  { oid, attnum, column, table, schema, isPart }: Removed,
  without: OwnObjects,
): Promise<readonly Dependent[]> {
  const { rows } = await session.query<Row>(dependentsSql, {
    values: [oid, attnum, column ?? null, table, schema, isPart === true],
  });
  return rows
    .filter(({ catalog, object, relation }) => !without.has(catalog, object) && !without.has('pg_class', relation))
    .map(({ kind, name }) => ({ kind, name }));
}
