import { setTimeout as sleep } from 'node:timers/promises';
import { escapeIdentifier } from 'pg';
import type { LoginState, LoginUse } from '../../ports/credentials';
import { PortError } from '../../ports/errors';
import { findUnseen } from '../contract/unseen';
import { sqlStateOf } from '../postgres/errors';
import type { Session } from '../postgres/session';

const mostListed = 10;

export type Login = { readonly login: string; readonly where: string };

export type Role = { readonly can_login: boolean; readonly is_over: boolean; readonly is_limited: boolean };

/** A password that is over since ever marks a login that was revoked: everybody may read that of a role. */
export async function readState(session: Session, { login, where }: Login): Promise<LoginState> {
  const { can_login: canLogin, is_over: isOver } = await readRole(session, { login, where });
  if (canLogin && !isOver) return 'open';
  return isOver ? 'revoked' : 'closed';
}

export async function readRole(session: Session, { login, where }: Login): Promise<Role> {
  const { rows } = await session.query<Role>(
    `select rolcanlogin as can_login, coalesce(rolvaliduntil = '-infinity', false) as is_over,
            coalesce(isfinite(rolvaliduntil), false) as is_limited
       from pg_roles where rolname = $1`,
    { values: [login] },
  );
  const [role] = rows;
  if (role !== undefined) return role;
  throw new PortError(
    'Rejected',
    `${where}: the server has no such role; create it with the rights of the other one: create role ${escapeIdentifier(login)} nologin`,
  );
}

const endPolls = 40;
const endPollMs = 50;

/** @throws PortError `NotConverged` while sessions are left. */
export async function endSessions(session: Session, { login, where }: Login): Promise<void> {
  let left = 0;
  // A session that is told to end needs a moment.
  for (let poll = 0; poll < endPolls; poll += 1) {
    const { rows } = await session.query<{ count: number }>(
      'select count(pg_terminate_backend(pid))::int as count from pg_stat_activity where usename = $1',
      { values: [login] },
    );
    left = rows[0]?.count ?? 0;
    if (left === 0) return;
    await sleep(endPollMs);
  }
  throw new PortError('NotConverged', `${where}: ${left} of its sessions have not ended yet; it is tried again.`);
}

/** Open sessions of the login, and how many statements it has run where the server counts them. */
export async function readUse(session: Session, { login, where }: Login): Promise<LoginUse> {
  await readRole(session, { login, where });
  const { rows: sessions } = await session.query<{ name: string }>(
    `select concat(coalesce(nullif(application_name, ''), 'unnamed'), ' from ', coalesce(client_addr::text, 'the same machine'), case when count(*) > 1 then concat(' (', count(*), ')') end) as name
       from pg_stat_activity where usename = $1 group by application_name, client_addr order by 1`,
    { values: [login] },
  );
  const now = await session.query<{ at_ms: string }>('select round(extract(epoch from now()) * 1000)::bigint as at_ms');
  return {
    atMs: Number(now.rows[0]?.at_ms),
    sessions: sessions.slice(0, mostListed).map(({ name }) => name),
    unlistedCount: Math.max(0, sessions.length - mostListed),
    ...(await countStatements(session, login)),
  };
}

const unseen = 'sessions that come and go between two looks cannot be seen';

async function countStatements(session: Session, login: string): Promise<Pick<LoginUse, 'calls' | 'epoch' | 'blind'>> {
  const { rows: places } = await session.query<{ schema: string }>(
    `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'pg_stat_statements'`,
  );
  const [place] = places;
  if (place === undefined)
    return {
      blind: `${unseen}: the database of the target has no pg_stat_statements. Add it to shared_preload_libraries, restart the server and run \`create extension pg_stat_statements\` there`,
    };
  const statements = `${escapeIdentifier(place.schema)}.pg_stat_statements`;
  try {
    const { rows } = await session.query<{ calls: string; epoch: string }>(
      `select coalesce(sum(s.calls), 0)::bigint as calls,
              (select concat_ws(' ', i.stats_reset, i.dealloc) from ${statements}_info i) as epoch
         from ${statements} s where s.userid = (select oid from pg_roles where rolname = $1)`,
      { values: [login] },
    );
    const hidden = await findUnseen(session);
    const [found] = rows;
    return {
      calls: Number(found?.calls ?? 0),
      epoch: found?.epoch ?? '',
      ...(hidden === undefined ? {} : { blind: hidden }),
    };
  } catch (error) {
    if (sqlStateOf(error) === '55000')
      return {
        blind: `${unseen}: pg_stat_statements is not in shared_preload_libraries. Add it and restart the server`,
      };
    throw error;
  }
}
