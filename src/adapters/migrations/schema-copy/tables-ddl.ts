import { copied, inScope, isOwn, isWhole } from './ddl';
import { collateText } from './types-ddl';

const sequenceOptions = (q: string): string =>
  `format('start with %s increment by %s minvalue %s maxvalue %s cache %s %s', ${q}.seqstart, ${q}.seqincrement, ${q}.seqmin,
     ${q}.seqmax, ${q}.seqcache, case when ${q}.seqcycle then 'cycle' else 'no cycle' end)`;

const identity = `(select format(' generated %s as identity (sequence name %s %s)',
      case a.attidentity when 'a' then 'always' else 'by default' end, s.oid::regclass, ${sequenceOptions('q')})
    from pg_depend d join pg_class s on s.oid = d.objid join pg_sequence q on q.seqrelid = s.oid
   where d.classid = 'pg_class'::regclass and d.deptype = 'i' and d.refobjid = a.attrelid and d.refobjsubid = a.attnum)`;

const generated = `(select format(' generated always as (%s) %s', pg_get_expr(d.adbin, d.adrelid),
      case a.attgenerated when 'v' then 'virtual' else 'stored' end)
    from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> '')`;

// From PostgreSQL 18 on not null has a name, and one that is not yet valid is added like other constraints.
const notNull = `case when a.attnotnull then (select case count(*) when 0 then ' not null'
      else string_agg(format(' constraint %I not null%s', k.conname, case when k.connoinherit then ' no inherit' end), '')
             filter (where k.convalidated) end
    from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey[1] = a.attnum) end`;

// A partition is made alone and attached, and gets its identity from there; a child of plain inheritance gets its columns so.
const columns = `(select string_agg(format('%I %s%s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      ${collateText('a.attcollation')}, ${generated}, case when not c.relispartition then ${identity} end, ${notNull}),
      ', ' order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (a.attislocal or c.relispartition))`;

const parents = `(select ' inherits (' || string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) || ')'
    from pg_inherits i where i.inhrelid = c.oid and not c.relispartition)`;

const name = `format('%I.%I', n.nspname, c.relname)`;
const relation = 'c.oid::regclass';

/** Sequences that no identity column has, for columns to take their defaults from. */
export const sequencesDdl = `
  with ${copied}
  select 'sequence ' || ${name} as object,
         format('create sequence %s as %s %s', ${relation}, format_type(q.seqtypid, null), ${sequenceOptions('q')}) as ddl
    from pg_class c join n on n.oid = c.relnamespace join pg_sequence q on q.seqrelid = c.oid
   where ${isOwn('pg_class', 'c.oid')} and not exists (
     select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i')
   and (${isWhole} or exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
     and d.refclassid = 'pg_class'::regclass and d.deptype = 'a' and ${inScope('d.refobjid')}))`;

/** Tables with their columns, without defaults: those may need functions that need the tables. */
export const tablesDdl = `
  with ${copied}
  select 'table ' || ${name} as object,
         format('create %stable %s (%s)%s%s%s', case c.relpersistence when 'u' then 'unlogged ' end, ${relation}, ${columns},
           ${parents}, ' partition by ' || pg_get_partkeydef(c.oid),
           case when c.relkind = 'r' then ' with (' || array_to_string(c.reloptions, ', ') || ')' end) as ddl
    from pg_class c join n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and ${isOwn('pg_class', 'c.oid')} and ${inScope('c.oid')}
   order by c.oid`;

/** What ties tables to each other and to their sequences, and the defaults. */
export const tableTiesDdl = `
  with ${copied}
  select 'table ' || ${name} as object,
         format('alter table only %s attach partition %s %s', i.inhparent::regclass, ${relation}, pg_get_expr(c.relpartbound, c.oid)) as ddl
    from pg_class c join n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid
   where c.relispartition and c.relkind in ('r', 'p') and ${isOwn('pg_class', 'c.oid')} and ${isWhole}
  union all
  select 'table ' || ${name}, format('alter table only %s alter column %I set default %s', ${relation}, a.attname, pg_get_expr(d.adbin, d.adrelid))
    from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum and a.attgenerated = ''
    join pg_class c on c.oid = d.adrelid join n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and ${isOwn('pg_class', 'c.oid')} and ${inScope('c.oid')}
  union all
  select 'sequence ' || format('%I.%I', sn.nspname, s.relname),
         format('alter sequence %s owned by %s.%I', s.oid::regclass, ${relation}, a.attname)
    from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
    join pg_class c on c.oid = d.refobjid join n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
   where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'a'
     and ${isOwn('pg_class', 's.oid')} and ${inScope('c.oid')}`;
