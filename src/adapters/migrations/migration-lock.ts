import { setTimeout as delay } from 'node:timers/promises';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';

/** Two halves of the advisory lock's key; advisory locks are per database already. */
const lockKey = [0x5350494c, 1] as const;
const lockWaitMs = 5_000;
const againMs = 50;

/**
 * Takes the one migration lock of the database for the rest of the session. It is tried again and again: a statement
 * that waited inside the server would hold a snapshot, and an index that is built concurrently waits for every snapshot.
 * @throws PortError `Conflict` naming who holds it after 5 s; `TargetUnavailable` when that is this very release.
 */
export async function takeMigrationLock(session: Session, what: string, target: string): Promise<void> {
  const untilMs = performance.now() + lockWaitMs;
  for (;;) {
    const { rows } = await session.query<{ is_taken: boolean }>('select pg_try_advisory_lock($1, $2) as is_taken', {
      values: lockKey,
    });
    if (rows[0]?.is_taken === true) return;
    if (performance.now() >= untilMs) throw await describeHolder(session, what, target);
    await delay(againMs);
  }
}

async function describeHolder(session: Session, what: string, target: string): Promise<PortError> {
  const { rows } = await session.query<{ pid: number; name: string; is_same: boolean }>(
    `select a.pid, a.application_name as name, a.application_name = current_setting('application_name') as is_same
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.classid = $1::oid and l.objid = $2::oid
        and l.database = (select oid from pg_database where datname = current_database())`,
    { values: lockKey },
  );
  const [holder] = rows;
  const waited = `${what} on ${target}: waited ${lockWaitMs / 1000} s for the migration lock`;
  if (holder === undefined) return new PortError('TargetUnavailable', `${waited}, free again just now; try again`);
  const held = `held by \`${holder.name}\` (pid ${holder.pid})`;
  // An earlier attempt of this release whose worker died: the server ends it soon.
  if (holder.is_same) return new PortError('TargetUnavailable', `${waited}, ${held}, an earlier attempt; try again`);
  return new PortError('Conflict', `${waited}, ${held}; let it finish, or end that session if it is stuck`);
}
