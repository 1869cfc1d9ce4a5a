import { setTimeout as delay } from 'node:timers/promises';
import { PortError } from '../../ports/errors';
import { advisoryKeys } from '../postgres/advisory-keys';
import type { Session } from '../postgres/session';

const lockWaitMs = 5_000;
const againMs = 50;

/**
 * Takes the one migration lock of the database for the rest of the session. It is tried again and again: a statement
 * that waited inside the server would hold a snapshot, and an index that is built concurrently waits for every snapshot.
 * @throws PortError `TargetUnavailable` naming who holds it after 5 s: whoever that is, it will be free again.
 */
export async function takeMigrationLock(session: Session, what: string, target: string): Promise<void> {
  const wish = createWish(session);
  const untilMs = performance.now() + lockWaitMs;
  while (!(await tryLock(session))) {
    if (performance.now() >= untilMs) throw await describeHolder(session, what, target);
    await wish.show();
    await delay(againMs);
  }
  await wish.take();
}

export async function tryLock(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ is_taken: boolean }>('select pg_try_advisory_lock($1, $2) as is_taken', {
    values: advisoryKeys.migration,
  });
  return rows[0]?.is_taken === true;
}

export async function unlock(session: Session): Promise<void> {
  await session.query('select pg_advisory_unlock($1, $2)', { values: advisoryKeys.migration });
}

/** Whether somebody waits for the lock. */
export async function isLockWanted(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ is_wanted: boolean }>(
    'select case when pg_try_advisory_lock($1, $2) then not pg_advisory_unlock($1, $2) else true end as is_wanted',
    { values: advisoryKeys.migrationWish },
  );
  return rows[0]?.is_wanted === true;
}

/** The sign that this session waits; it ends with the session at the latest. */
export function createWish(session: Session) {
  let isShown = false;
  return {
    show: async (): Promise<void> => {
      if (isShown) return;
      const { rows } = await session.query<{ is_shown: boolean }>(
        'select pg_try_advisory_lock_shared($1, $2) as is_shown',
        { values: advisoryKeys.migrationWish },
      );
      isShown = rows[0]?.is_shown === true;
    },
    take: async (): Promise<void> => {
      if (isShown)
        await session.query('select pg_advisory_unlock_shared($1, $2)', { values: advisoryKeys.migrationWish });
      isShown = false;
    },
  };
}

type Holder = { readonly name: string; readonly pid: number; readonly is_same: boolean };

/** Undefined when nobody holds it by now. */
export async function readHolder(session: Session): Promise<Holder | undefined> {
  const { rows } = await session.query<Holder>(
    `select a.pid, a.application_name as name, a.application_name = current_setting('application_name') as is_same
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.classid = $1::oid and l.objid = $2::oid
        and l.database = (select oid from pg_database where datname = current_database())`,
    { values: advisoryKeys.migration },
  );
  return rows[0];
}

async function describeHolder(session: Session, what: string, target: string): Promise<PortError> {
  const holder = await readHolder(session);
  const waited = `${what} on ${target}: waited ${lockWaitMs / 1000} s for the migration lock`;
  if (holder === undefined) return new PortError('TargetUnavailable', `${waited}, free again just now; try again`);
  const held = `held by \`${holder.name}\` (pid ${holder.pid})`;
  // An earlier attempt of this release whose worker died: the server ends it soon.
  const next = holder.is_same
    ? ', an earlier attempt; try again'
    : '; let it finish, or end that session if it is stuck';
  return new PortError('TargetUnavailable', `${waited}, ${held}${next}`);
}
