import { copied, isOwn } from './ddl';

/** Schemas and extensions: what everything else lies in or builds on. */
export const groundDdl = `
  with ${copied}
  select 'schema public' as object, 'drop schema if exists public' as ddl
   where not exists (select from pg_namespace where nspname = 'public')
  union all
  select 'schema ' || format('%I', nspname), format('create schema if not exists %I', nspname)
    from n where ${isOwn('pg_namespace', 'n.oid')}
  union all
  select 'extension ' || e.extname,
         format('create extension if not exists %I with schema %I version %L', e.extname, s.nspname, e.extversion)
    from pg_extension e join pg_namespace s on s.oid = e.extnamespace`;

const collation = `case when %s <> t.typcollation and %s <> 0 then ' collate ' || %s::regcollation::text else '' end`;

/** ` collate …` for a collation that is not the type's own; the type is `t`. */
export const collateText = (column: string): string => collation.replaceAll('%s', column);

const domains = `
  select 'domain ' || format('%I.%I', n.nspname, d.typname) as object,
         format('create domain %I.%I as %s%s%s%s%s', n.nspname, d.typname, format_type(d.typbasetype, d.typtypmod),
           ${collateText('d.typcollation')}, ' default ' || d.typdefault, case when d.typnotnull then ' not null' end,
           (select string_agg(format(' constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), '' order by k.conname)
              from pg_constraint k where k.contypid = d.oid and k.contype <> 'n')) as ddl
    from pg_type d join n on n.oid = d.typnamespace join pg_type t on t.oid = d.typbasetype
   where d.typtype = 'd' and ${isOwn('pg_type', 'd.oid')}`;

const composites = `
  select 'table ' || format('%I.%I', n.nspname, c.relname),
         format('create type %I.%I as (%s)', n.nspname, c.relname,
           (select string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod), ${collateText('a.attcollation')}),
                              ', ' order by a.attnum)
              from pg_attribute a join pg_type t on t.oid = a.atttypid
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
    from pg_class c join n on n.oid = c.relnamespace where c.relkind = 'c' and ${isOwn('pg_type', 'c.reltype')}`;

/** Enums, domains, composite types and ranges. */
export const typesDdl = `
  with ${copied}
  select 'enum ' || format('%I.%I', n.nspname, t.typname) as object,
         format('create type %I.%I as enum (%s)', n.nspname, t.typname,
           (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
              from pg_enum e where e.enumtypid = t.oid)) as ddl
    from pg_type t join n on n.oid = t.typnamespace where t.typtype = 'e' and ${isOwn('pg_type', 't.oid')}
  union all ${domains}
  union all ${composites}
  union all
  select 'range ' || format('%I.%I', n.nspname, t.typname),
         format('create type %I.%I as range (subtype = %s, multirange_type_name = %I.%I%s)', n.nspname, t.typname,
           format_type(r.rngsubtype, null), mn.nspname, m.typname, ', subtype_diff = ' || nullif(r.rngsubdiff, 0)::regproc::text)
    from pg_range r join pg_type t on t.oid = r.rngtypid join n on n.oid = t.typnamespace
    join pg_type m on m.oid = r.rngmultitypid join pg_namespace mn on mn.oid = m.typnamespace
   where ${isOwn('pg_type', 't.oid')}`;
