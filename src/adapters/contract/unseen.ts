import type { Session } from '../postgres/session';

type Setting = { readonly name: string; readonly setting: string; readonly source: string };
type Override = { readonly setting: string; readonly of: string };

/** Where a setting comes from that holds for every session but those with one of their own. */
const forAll = new Set(['default', 'configuration file', 'command line', 'environment variable', 'global', 'database']);
/** PostgreSQL takes every beginning of `false` and `no` that is no beginning of another word. */
const isOff = /^(f|fa|fal|fals|false|n|no|of|off|0)$/i;

const hides = (name: string, value: string): boolean =>
  name.endsWith('.track') ? /^none$/i.test(value) : name.endsWith('.track_utility') && isOff.test(value);

/** Why statements may run that `pg_stat_statements` of this server does not count; undefined when it counts all. */
export async function findUnseen(session: Session): Promise<string | undefined> {
  return (await hiddenBySettings(session)) ?? (await readElsewhere(session));
}

async function hiddenBySettings(session: Session): Promise<string | undefined> {
  const { rows: settings } = await session.query<Setting>(
    `select name, setting, source from pg_settings
      where name in ('pg_stat_statements.track', 'pg_stat_statements.track_utility') order by name`,
  );
  for (const { name, setting, source } of settings) {
    if (hides(name, setting)) return `not everybody can be seen: ${name} is ${setting}. ${remedy}`;
    if (!forAll.has(source))
      return `nobody can tell who is seen: ${name} is set for Spillway's own session (${source}), which hides what holds for others. Set it for the server`;
  }
  const { rows } = await session.query<Override>(
    `select c as setting, coalesce('role ' || r.rolname, 'the database') as of
       from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) c
      where c like 'pg\\_stat\\_statements.%'
        and (s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database()))
      order by 2, 1`,
  );
  const found = rows.find(({ setting }) => {
    const [name = '', value = ''] = setting.split('=');
    return hides(name, value);
  });
  return found === undefined
    ? undefined
    : `not everybody can be seen: ${found.of} has ${found.setting.replace('=', ' = ')}. ${remedy}`;
}

const remedy =
  'Let pg_stat_statements.track be `top` or `all`, and track_utility `on`, for the server and for every role';

/** What is read on a standby is counted there, and never here. */
async function readElsewhere(session: Session): Promise<string | undefined> {
  const { rows } = await session.query<{ name: string }>(
    `select coalesce(nullif(application_name, ''), 'without a name') as name from pg_stat_replication
      where state is distinct from 'backup'
        and pid not in (select active_pid from pg_replication_slots where slot_type = 'logical' and active_pid is not null)
      order by 1`,
  );
  if (rows.length === 0) return undefined;
  const names = rows.slice(0, 3).map(({ name }) => name);
  const more = rows.length > names.length ? ` and ${rows.length - names.length} more` : '';
  return `what is read on the standby ${names.join(', ')}${more} cannot be seen here. Look there, and let the data steward waive it when nobody reads the old form`;
}
