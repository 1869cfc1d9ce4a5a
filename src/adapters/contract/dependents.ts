import type { Dependent } from '../../core/contract/quiet';
import type { Session } from '../postgres/session';
import type { Removed } from './removed';

// $1: the table, $2: the column's number, 0 for the whole table, $3: its name, $4: the table's name.
const dependentsSql = `
  with d as (
    select classid, objid from pg_depend
     where refclassid = 'pg_class'::regclass and refobjid = $1::oid and ($2::int = 0 or refobjsubid = $2)
  )
  select 'view' as kind, c.oid::regclass::text as name, c.relname::text as bare
    from d join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    join pg_class c on c.oid = r.ev_class where c.oid <> $1
  union
  select 'generated column', format('%s.%I', f.adrelid::regclass, a.attname), a.attname
    from d join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
   where a.attgenerated <> '' and (f.adrelid <> $1 or ($2 <> 0 and f.adnum <> $2))
  union
  select 'foreign key', format('%s.%I', conrelid::regclass, conname), conname
    from pg_constraint where contype = 'f' and confrelid = $1 and conrelid <> $1 and ($2 = 0 or $2 = any (confkey))
  union
  select 'policy', format('%s.%I', p.polrelid::regclass, p.polname), p.polname
    from d join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
   where $2 <> 0 or p.polrelid <> $1
  union
  select 'trigger', format('%s.%I', t.tgrelid::regclass, t.tgname), t.tgname
    from d join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
   where not t.tgisinternal and $2 <> 0
  union
  select 'publication', p.pubname, p.pubname
    from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
   where r.prrelid = $1 and ($2 = 0 or $2 = any (r.prattrs::int2[]))
  union
  select 'function', f.oid::regprocedure::text, f.proname
    from d join pg_proc f on d.classid = 'pg_proc'::regclass and f.oid = d.objid
  union
  -- The text of a function is no dependency that the server keeps: its words are all there is.
  select 'function', f.oid::regprocedure::text, f.proname
    from pg_proc f join pg_language l on l.oid = f.prolang join pg_namespace n on n.oid = f.pronamespace
   where l.lanname not in ('c', 'internal') and n.nspname not in ('pg_catalog', 'information_schema')
     and exists (select from regexp_split_to_table(lower(f.prosrc), '[^[:alnum:]_$]+') w where w = lower(coalesce($3, $4)))
     and (exists (select from regexp_split_to_table(lower(f.prosrc), '[^[:alnum:]_$]+') w where w = lower($4))
          or exists (select from pg_trigger t where t.tgfoid = f.oid and t.tgrelid = $1))
  order by 1, 2`;

/** What of the schema depends on something, but for what the contract file drops or removes itself. */
export async function findDependents(
  session: Session,
  removed: Removed,
  without: ReadonlySet<string>,
): Promise<readonly Dependent[]> {
  const { rows } = await session.query<{ kind: string; name: string; bare: string }>(dependentsSql, {
    values: [removed.oid, removed.attnum, removed.column ?? null, removed.table],
  });
  return rows.filter(({ bare }) => !without.has(bare)).map(({ kind, name }) => ({ kind, name }));
}
