/** Everything in schema public as one text: what two databases must have in common to be the same. */
export const fingerprintSql = `
  select coalesce(string_agg(line, E'\\n' order by line), '') as fingerprint from (
    select format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
      from information_schema.columns where table_schema = 'public'
    union all select format('%s %s', case relkind when 'r' then 'table' when 'v' then 'view' else relkind::text end, relname)
      from pg_class where relnamespace = 'public'::regnamespace
    union all select format('view %s %s', viewname, definition) from pg_views where schemaname = 'public'
    union all select format('index %s, valid %s, ready %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
      from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = 'public'::regnamespace
    union all select format('trigger %s %s %s', t.tgname, pg_get_triggerdef(t.oid), t.tgenabled)
      from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and c.relnamespace = 'public'::regnamespace
    union all select format('function %s', pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace = 'public'::regnamespace
    union all select format('constraint %s %s, valid %s', conname, pg_get_constraintdef(oid), convalidated) from pg_constraint
      where connamespace = 'public'::regnamespace and contype <> 'n'
    union all select format('schema %s', nspname) from pg_namespace
      where nspname !~ '^pg_' and nspname not in ('information_schema', 'spillway', 'spillway_kept')
  ) as lines`;
