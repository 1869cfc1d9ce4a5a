import { hiddenPattern } from '../../core/contract/names';

/** `in.oid`, `in.nspname`: the namespaces asked for, as `$1`. */
const namespaces = `select oid, nspname from pg_namespace where nspname = any ($1::text[])`;

// In order of name, not of attnum: a column dropped and added again is the same column.
const columns = `(select string_agg(format('%I %s%s%s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then ' not null' end, ' default ' || pg_get_expr(d.adbin, d.adrelid),
    ' identity ' || nullif(a.attidentity::text, ''), ' generated ' || nullif(a.attgenerated::text, ''),
    ' collate ' || nullif(a.attcollation, t.typcollation)::regcollation::text), E'\\n' order by a.attname collate "C")
  from pg_attribute a join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname !~ '${hiddenPattern}')`;

// What a contract has taken out of sight goes for good while other releases come and go: it is its own business.
const isInSight = (table: string, columnNumbers: string): string =>
  `not exists (select from pg_attribute h where h.attrelid = ${table} and h.attnum = any (${columnNumbers}) and h.attname ~ '${hiddenPattern}')`;

const relations = `
  select 'table ' || format('%I.%I', n.nspname, c.relname) as object,
         concat_ws(E'\\n', c.relkind, c.relpersistence, c.relreplident, c.relrowsecurity, c.relforcerowsecurity,
           c.reloptions::text, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), ${columns}) as definition
    from pg_class c join n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'f', 'c')
  union all
  select 'view ' || format('%I.%I', n.nspname, c.relname),
         concat_ws(E'\\n', c.relkind, c.reloptions::text, pg_get_viewdef(c.oid))
    from pg_class c join n on n.oid = c.relnamespace where c.relkind in ('v', 'm')
  union all
  select 'sequence ' || format('%I.%I', n.nspname, c.relname),
         concat_ws(' ', format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
    from pg_class c join n on n.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid`;

const belongings = `
  select 'index ' || format('%I.%I', n.nspname, c.relname),
         concat_ws(E'\\n', pg_get_indexdef(c.oid), i.indisvalid, i.indisreplident)
    from pg_class c join n on n.oid = c.relnamespace join pg_index i on i.indexrelid = c.oid
   where ${isInSight('i.indrelid', 'i.indkey::int2[]')}
  union all
  select 'constraint ' || format('%I.%I.%I', n.nspname, c.relname, k.conname),
         concat_ws(E'\\n', pg_get_constraintdef(k.oid), k.convalidated)
    from pg_constraint k join pg_class c on c.oid = k.conrelid join n on n.oid = c.relnamespace
   where ${isInSight('k.conrelid', 'k.conkey')}
     and k.contype <> 'n' -- Newer servers list not null here too; the columns tell it on all of them.
  union all
  select 'trigger ' || format('%I.%I.%I', n.nspname, c.relname, t.tgname),
         concat_ws(E'\\n', pg_get_triggerdef(t.oid), t.tgenabled)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join n on n.oid = c.relnamespace where not t.tgisinternal
  union all
  select 'rule ' || format('%I.%I.%I', n.nspname, c.relname, r.rulename), pg_get_ruledef(r.oid)
    from pg_rewrite r join pg_class c on c.oid = r.ev_class join n on n.oid = c.relnamespace
   where r.rulename <> '_RETURN'
  union all
  select 'policy ' || format('%I.%I.%I', n.nspname, c.relname, p.polname),
         concat_ws(E'\\n', p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
           pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_policy p join pg_class c on c.oid = p.polrelid join n on n.oid = c.relnamespace`;

const routinesAndTypes = `
  select 'function ' || format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
         case p.prokind when 'a'
           then (select concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggtranstype::regtype, a.agginitval)
                   from pg_aggregate a where a.aggfnoid = p.oid)
           else pg_get_functiondef(p.oid) end
    from pg_proc p join n on n.oid = p.pronamespace
  union all
  select 'enum ' || format('%I.%I', n.nspname, t.typname),
         (select string_agg(quote_literal(e.enumlabel), ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
    from pg_type t join n on n.oid = t.typnamespace where t.typtype = 'e'
  union all
  select 'domain ' || format('%I.%I', n.nspname, t.typname),
         concat_ws(E'\\n', format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
           (select string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), E'\\n' order by k.conname)
              from pg_constraint k where k.contypid = t.oid and k.contype <> 'n'))
    from pg_type t join n on n.oid = t.typnamespace where t.typtype = 'd'`;

const objects = `
  n as (${namespaces}),
  objects as (
    select 'schema ' || format('%I', nspname) as object, '' as definition from n
    union all ${relations} union all ${belongings} union all ${routinesAndTypes}
  )`;

/** Rows of `object` and `digest` (SHA-256 of its definition) for the schemas named in `$1`. */
export const schemaObjectsSql = `
  with ${objects}
  select object, encode(sha256(convert_to(coalesce(definition, ''), 'UTF8')), 'hex') as digest
    from objects order by object collate "C"`;

/** The same objects with their definitions themselves. */
export const schemaDefinitionsSql = `with ${objects} select object, coalesce(definition, '') as definition from objects`;
