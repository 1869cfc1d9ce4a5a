import { setTimeout as delay } from 'node:timers/promises';
import { versionSchemaOf, type PgrollFile } from '../../../../core/pgroll/read-file';
import { tablesOf } from '../../../../core/pgroll/triggers';
import { escapeIdentifier } from 'pg';
import type { Session } from '../../../postgres/session';
import type { PgrollPlace } from './read-state';

/** A statement is seen while it runs: ten looks find whoever uses the old form more than now and then. */
const looks = 10;
const betweenLooksMs = 100;
const mostNamed = 10;

/** Who still uses what `complete` drops at once, in words; none that could be seen when it is empty. */
export async function findUsers(session: Session, place: PgrollPlace, file: PgrollFile): Promise<readonly string[]> {
  const old = await readOldSchema(session, place);
  const fixed =
    old === undefined ? [] : [...(await findSettings(session, old)), ...(await findDependents(session, old))];
  if (fixed.length > 0) return fixed.slice(0, mostNamed);
  for (let look = 0; look < looks; look += 1) {
    const seen = await findSessions(session, { old, schema: place.schema, file });
    if (seen.length > 0) return seen.slice(0, mostNamed);
    await delay(betweenLooksMs);
  }
  return [];
}

/** The version schema that `complete` drops, by the function that it asks itself; the first migration after a baseline has none. */
async function readOldSchema(session: Session, { schema, stateSchema }: PgrollPlace): Promise<string | undefined> {
  const { rows } = await session.query<{ version: string | null }>(
    `select ${escapeIdentifier(stateSchema)}.previous_version($1) as version`,
    { values: [schema] },
  );
  const version = rows[0]?.version;
  return typeof version === 'string' ? `${schema}_${version}` : undefined;
}

/** Roles and databases whose sessions begin in the old schema. */
async function findSettings(session: Session, old: string): Promise<readonly string[]> {
  const { rows } = await session.query<{ who: string }>(
    `select coalesce('role ' || r.rolname, 'database ' || d.datname) as who
       from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase,
            unnest(s.setconfig) as setting
      where (s.setdatabase = 0 or d.datname = current_database()) and setting like 'search_path=%'
        and $1 = any (string_to_array(translate(substr(setting, 13), '" ', ''), ','))`,
    { values: [old] },
  );
  return rows.map(({ who }) => `${who} has search_path ${old}`);
}

/** What would be dropped with the old schema and is none of the views that pgroll put there. */
async function findDependents(session: Session, old: string): Promise<readonly string[]> {
  const { rows } = await session.query<{ what: string }>(
    `with old as (select oid from pg_namespace where nspname = $1),
          view as (select c.oid from pg_class c, old where c.relnamespace = old.oid and c.relkind = 'v')
     select c.oid::regclass::text || ' is in it' as what from pg_class c, old
      where c.relnamespace = old.oid and c.relkind in ('r', 'p', 'm', 'S', 'f')
     union select p.oid::regprocedure::text || ' is in it' from pg_proc p, old where p.pronamespace = old.oid
     union select r.ev_class::regclass::text || ' reads it'
       from pg_depend d join view on d.refobjid = view.oid join pg_rewrite r on r.oid = d.objid
       join pg_class u on u.oid = r.ev_class, old
      where d.refclassid = 'pg_class'::regclass and d.classid = 'pg_rewrite'::regclass and u.relnamespace <> old.oid
     union select d.objid::regprocedure::text || ' reads it' from pg_depend d join view on d.refobjid = view.oid
      where d.refclassid = 'pg_class'::regclass and d.classid = 'pg_proc'::regclass`,
    { values: [old] },
  );
  return rows.map(({ what }) => `${what} (schema ${old})`);
}

/** Sessions at work on a table of the migration that do not go through the new version schema. */
async function findSessions(
  session: Session,
  { old, schema, file }: { readonly old: string | undefined; readonly schema: string; readonly file: PgrollFile },
): Promise<readonly string[]> {
  const { rows } = await session.query<{ pid: number; user: string; application: string; relation: string }>(
    `select distinct on (a.pid) a.pid, a.usename as user, a.application_name as application, l.relation::regclass::text as relation
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
       join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
      where l.locktype = 'relation' and l.database = (select oid from pg_database where datname = current_database())
        and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
        and a.application_name not like 'spillway%' and a.application_name not in ('pgroll', 'pgroll-state')
        and (n.nspname = $1 or (n.nspname = $2 and c.relname = any ($3)))
        and not exists (select from pg_locks m join pg_class v on v.oid = m.relation join pg_namespace w on w.oid = v.relnamespace
                         where m.pid = l.pid and w.nspname = $4)
      order by a.pid`,
    { values: [old ?? '', schema, tablesOf(file), versionSchemaOf(schema, file)] },
  );
  return rows.map(
    ({ pid, user, application, relation }) =>
      `session ${pid} of ${user}${application === '' ? '' : ` (${application})`} uses ${relation}`,
  );
}
