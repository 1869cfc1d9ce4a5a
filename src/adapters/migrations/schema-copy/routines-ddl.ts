import { copied, isOwn } from './ddl';

const signature = `format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))`;

/** Functions, procedures, and aggregates of the plain kind; what a type made for itself comes with the type. */
export const routinesDdl = `
  with ${copied}
  select 'function ' || ${signature} as object, pg_get_functiondef(p.oid) as ddl
    from pg_proc p join n on n.oid = p.pronamespace where p.prokind <> 'a' and ${isOwn('pg_proc', 'p.oid')}
     and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
  union all
  select 'function ' || ${signature},
         format('create aggregate %I.%I(%s) (sfunc = %s, stype = %s%s%s%s)', n.nspname, p.proname,
           coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*'), a.aggtransfn, format_type(a.aggtranstype, null),
           ', finalfunc = ' || nullif(a.aggfinalfn, 0)::regproc::text,
           ', combinefunc = ' || nullif(a.aggcombinefn, 0)::regproc::text, ', initcond = ' || quote_literal(a.agginitval))
    from pg_proc p join n on n.oid = p.pronamespace join pg_aggregate a on a.aggfnoid = p.oid
   where a.aggkind = 'n' and ${isOwn('pg_proc', 'p.oid')}`;

/** Views and materialized views. */
export const viewsDdl = `
  with ${copied}
  select 'view ' || format('%I.%I', n.nspname, c.relname) as object,
         format('create %sview %I.%I%s as %s', case c.relkind when 'm' then 'materialized ' end, n.nspname, c.relname,
           ' with (' || array_to_string(c.reloptions, ', ') || ')', rtrim(pg_get_viewdef(c.oid), ';')) as ddl
    from pg_class c join n on n.oid = c.relnamespace
   where c.relkind in ('v', 'm') and ${isOwn('pg_class', 'c.oid')}
   order by c.oid`;
