import { escapeIdentifier } from 'pg';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import { readRole, type Login } from './login-queries';

type May = { readonly may_alter: boolean; readonly may_end: boolean };

/** @throws PortError `Rejected` when the user of the target could not change the login, or end its sessions. */
export async function assertMayChange(session: Session, { login, where }: Login, isNew: boolean): Promise<void> {
  const { is_limited: isLimited } = await readRole(session, { login, where });
  if (isNew && isLimited)
    throw new PortError(
      'Rejected',
      `${where}: its password has an end (valid until), which a release would take away; alter role ${escapeIdentifier(login)} valid until 'infinity'`,
    );
  const { rows } = await session.query<May>(
    `select u.rolsuper or (not r.rolsuper and u.rolcreaterole and (current_setting('server_version_num')::int < 160000
              or pg_has_role(u.oid, r.oid, 'member with admin option'))) as may_alter,
            u.rolsuper or pg_has_role(u.oid, r.oid, 'usage') or pg_has_role(u.oid, 'pg_signal_backend', 'usage') as may_end
       from pg_roles u, pg_roles r where u.rolname = current_user and r.rolname = $1`,
    { values: [login] },
  );
  const [may] = rows;
  if (may?.may_alter !== true)
    throw new PortError(
      'Rejected',
      `${where}: the user of the target may not alter this role; give it createrole, and grant it the role with admin option`,
    );
  if (!may.may_end)
    throw new PortError(
      'Rejected',
      `${where}: the user of the target may not end its sessions, as a way back must; grant it pg_signal_backend`,
    );
}

type Rights = { readonly groups: string; readonly settings: string; readonly limits: string };

/** What a role may by its groups, its own settings and limits, as text to compare. */
async function readRights(session: Session, login: string): Promise<Rights | undefined> {
  const { rows } = await session.query<Rights>(
    `select coalesce((select string_agg(g.rolname, ', ' order by g.rolname)
                        from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid), 'none') as groups,
            coalesce((select string_agg(c, ', ' order by c) from unnest(r.rolconfig) c), 'none') as settings,
            concat_ws(', ', case when r.rolbypassrls then 'bypassrls' end, case when not r.rolinherit then 'noinherit' end,
                      'connection limit ' || r.rolconnlimit) as limits
       from pg_roles r where rolname = $1`,
    { values: [login] },
  );
  return rows[0];
}

/** @throws PortError `Rejected` when the new login would not be let do what the old one does. */
export async function assertSameRights(session: Session, { login, where }: Login, from: string): Promise<void> {
  const [own, old] = [await readRights(session, login), await readRights(session, from)];
  const names = ['groups', 'settings', 'limits'] as const;
  const other = names.find((name) => own?.[name] !== old?.[name]);
  if (other === undefined) return;
  throw new PortError(
    'Rejected',
    `${where}: its ${other} (${own?.[other]}) are not those of ${from} (${old?.[other]}); make them the same`,
  );
}
