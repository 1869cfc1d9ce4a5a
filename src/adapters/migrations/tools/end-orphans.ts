import { setTimeout as delay } from 'node:timers/promises';
import { PortError } from '../../../ports/errors';
import type { Session } from '../../postgres/session';

const patienceMs = 5_000;
const againMs = 50;

/**
 * Ends what a command still does whose worker was killed: commands outlive their worker, and this one would commit after
 * an undo that had found nothing to undo. The caller holds the migration lock, so no command of anybody's is under way.
 * @throws PortError `TargetUnavailable` when a session does not go.
 */
export async function endOrphans(session: Session, name: string, where: string): Promise<void> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await session.query<{ pid: number }>(
      `select pid, pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = $1 and usename = current_user`,
      { values: [name] },
    );
    const [left] = rows;
    if (left === undefined) return;
    if (performance.now() >= untilMs)
      throw new PortError(
        'TargetUnavailable',
        `${where}: a command of a worker that is gone (\`${name}\`, pid ${left.pid}) was told to end ${patienceMs / 1000} s ago and has not; ` +
          'it is tried again, or end that session',
      );
    await delay(againMs);
  }
}
