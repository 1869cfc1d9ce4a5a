import { copied, inScope, isOwn, isWhole } from './ddl';

const name = `format('%I.%I', n.nspname, c.relname)`;
const table = 'c.oid::regclass';
const ofTable = (joined: string): string =>
  `${joined} join n on n.oid = c.relnamespace and ${isOwn('pg_class', 'c.oid')} and ${inScope('c.oid')}`;

/** Constraints other than references. What comes from a parent comes by itself; a trigger brings its own. */
export const constraintsDdl = `
  with ${copied}
  select 'constraint ' || format('%I.%I.%I', n.nspname, c.relname, k.conname) as object,
         format('alter table %s%s add constraint %I %s', case when k.contype <> 'c' then 'only ' end, ${table}, k.conname,
           pg_get_constraintdef(k.oid)) as ddl
    from ${ofTable('pg_constraint k join pg_class c on c.oid = k.conrelid')}
   where k.contype in ('c', 'p', 'u', 'x') and (k.conislocal or k.contype <> 'c')
      or k.contype = 'n' and not k.convalidated and k.conislocal
   order by k.contype <> 'n', k.oid`;

// The server writes their name with its schema always, and they stay in it when their table goes to another one.
const statistics = `case when not ${isWhole}
    then 'CREATE STATISTICS ' || quote_ident(s.stxname)
      || substr(pg_get_statisticsobjdef(s.oid), length('CREATE STATISTICS ' || format('%I.%I', n.nspname, s.stxname)) + 1)
    else pg_get_statisticsobjdef(s.oid) end`;

/** Indexes that no constraint makes, and which index of a partition belongs to which of its parent. */
export const indexesDdl = `
  with ${copied}
  select 'index ' || format('%I.%I', n.nspname, x.relname) as object, pg_get_indexdef(x.oid, 0, true) as ddl
    from ${ofTable('pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid')}
   where not exists (select from pg_constraint k where k.conindid = x.oid and k.contype in ('p', 'u', 'x'))
  union all
  select 'index ' || format('%I.%I', n.nspname, x.relname),
         format('alter index %s set (%s)', x.oid::regclass, array_to_string(x.reloptions, ', '))
    from ${ofTable('pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid')}
   where x.reloptions is not null and exists (select from pg_constraint k where k.conindid = x.oid)
  union all
  select 'index ' || format('%I.%I', n.nspname, x.relname), format('alter index %s attach partition %s', h.inhparent::regclass, x.oid::regclass)
    from ${ofTable('pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid')}
    join pg_inherits h on h.inhrelid = x.oid where ${isWhole}
  union all
  select 'table ' || ${name}, format('alter table only %s replica identity %s', ${table},
           case c.relreplident when 'f' then 'full' when 'n' then 'nothing' else format('using index %I',
             (select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisreplident)) end)
    from ${ofTable('pg_class c')} where c.relkind in ('r', 'p') and c.relreplident <> 'd'
  union all
  select 'statistics ' || format('%I.%I', n.nspname, s.stxname), ${statistics}
    from pg_statistic_ext s join n on n.oid = s.stxnamespace where ${inScope('s.stxrelid')}`;

/** References, once every key is there. */
export const referencesDdl = `
  with ${copied}
  select 'constraint ' || format('%I.%I.%I', n.nspname, c.relname, k.conname) as object,
         format('alter table %s add constraint %I %s', ${table}, k.conname, pg_get_constraintdef(k.oid)) as ddl
    from ${ofTable('pg_constraint k join pg_class c on c.oid = k.conrelid')}
   where k.contype = 'f' and k.conparentid = 0`;

const policyText = `format('create policy %I on %s as %s for %s to %s%s%s', p.polname, ${table},
    case when p.polpermissive then 'permissive' else 'restrictive' end,
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    (select string_agg(case r.id when 0 then 'public' else quote_ident(pg_get_userbyid(r.id)) end, ', ') from unnest(p.polroles) r(id)),
    ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')`;

/** Triggers, rules and policies. */
export const reactionsDdl = `
  with ${copied}
  select 'trigger ' || format('%I.%I.%I', n.nspname, c.relname, t.tgname) as object, pg_get_triggerdef(t.oid, true) as ddl
    from ${ofTable('pg_trigger t join pg_class c on c.oid = t.tgrelid')} where not t.tgisinternal and t.tgparentid = 0
  union all
  select 'trigger ' || format('%I.%I.%I', n.nspname, c.relname, t.tgname),
         format('alter table %s %s trigger %I', ${table},
           case t.tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end, t.tgname)
    from ${ofTable('pg_trigger t join pg_class c on c.oid = t.tgrelid')} where not t.tgisinternal and t.tgenabled <> 'O'
  union all
  select 'rule ' || format('%I.%I.%I', n.nspname, c.relname, r.rulename), pg_get_ruledef(r.oid, true)
    from ${ofTable('pg_rewrite r join pg_class c on c.oid = r.ev_class')} where r.rulename <> '_RETURN'
  union all
  select 'policy ' || format('%I.%I.%I', n.nspname, c.relname, p.polname), ${policyText}
    from ${ofTable('pg_policy p join pg_class c on c.oid = p.polrelid')}
  union all
  select 'table ' || ${name}, format('alter table %s %s row level security', ${table}, word)
    from ${ofTable('pg_class c')}, lateral (select 'enable' as word where c.relrowsecurity
      union all select 'force' where c.relforcerowsecurity) w`;
