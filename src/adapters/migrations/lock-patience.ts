import { setTimeout as delay } from 'node:timers/promises';
import { PortError } from '../../ports/errors';
import { sqlStateOf } from '../postgres/errors';
import { withSession, type Session } from '../postgres/session';

const pausesMs = [100, 300, 900, 1_500];
/** Lock not free in time, deadlock, serialization: the world was busy, the statement is not wrong. */
const busy = new Set(['55P03', '40P01', '40001']);

export type Patience = {
  readonly dsn: string;
  readonly what: string;
  readonly target: string;
  readonly lockTimeoutMs: number;
};

/**
 * Runs `attempt` until no lock is in its way, a few times with growing pauses; giving way in between keeps the queue
 * behind our own lock request short.
 * @throws PortError `TargetUnavailable` naming the session in the way.
 */
export async function withLockPatience<T>(session: Session, attempt: () => Promise<T>, patience: Patience): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
  return withSession(patience.dsn, 'spillway lock watch', (watch) =>
    attemptAgain({ session, watch }, attempt, patience),
  );
}

async function attemptAgain<T>(
  { session, watch }: { readonly session: Session; readonly watch: Session },
  attempt: () => Promise<T>,
  patience: Patience,
): Promise<T> {
  const pid = await readPid(session);
  let blocker: string | undefined;
  for (const pauseMs of pausesMs) {
    await delay(pauseMs);
    const running = startWatch(watch, pid, patience.lockTimeoutMs);
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
    } finally {
      blocker = (await running.stop()) ?? blocker;
    }
  }
  const seconds = patience.lockTimeoutMs / 1000;
  const tries = pausesMs.length + 1;
  const who = blocker === undefined ? 'other sessions' : blocker;
  throw new PortError(
    'TargetUnavailable',
    `${patience.what} on ${patience.target}: a lock was not free within ${seconds} s, ${tries} times, because of ${who}; ` +
      'end that session, or try again at a calmer time',
  );
}

/** Only while a session waits does the server know for whom, so it is asked from beside. */
function startWatch(watch: Session, pid: number, lockTimeoutMs: number) {
  const stopping = new AbortController();
  const look = async (): Promise<string | undefined> => {
    let found: string | undefined;
    while (!stopping.signal.aborted) {
      // An aborted pause is the way to stop.
      await delay(Math.max(20, lockTimeoutMs / 3), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) found = (await readBlocker(watch, pid)) ?? found;
    }
    return found;
  };
  // Who blocks is a nicety: a watch that fails leaves the message without the name.
  const looking = look().catch(() => undefined);
  return {
    stop: () => {
      stopping.abort();
      return looking;
    },
  };
}

async function readPid(session: Session): Promise<number> {
  const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  const [row] = rows;
  if (row === undefined) throw new Error('pg_backend_pid() gave no row');
  return row.pid;
}

async function readBlocker(watch: Session, pid: number): Promise<string | undefined> {
  const { rows } = await watch.query<{ pid: number; name: string }>(
    `select pid, application_name as name from pg_stat_activity where pid = any (pg_blocking_pids($1)) limit 1`,
    { values: [pid] },
  );
  const [row] = rows;
  return row === undefined ? undefined : `\`${row.name}\` (pid ${row.pid})`;
}

/** Whether the server gave up for another session, not for the statement. */
export function isBusy(error: unknown): boolean {
  return busy.has(sqlStateOf(error) ?? '');
}
