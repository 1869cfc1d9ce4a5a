import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import { formatDuration } from '../../core/duration';

type ReplicaRow = {
  name: string;
  state: string | null;
  told_ms: string | null;
  behind_bytes: string | null;
  own_ms: string | null;
};

/** What was written here when, so that a replica that stands still is told by the age of what it lacks. */
type Mark = { readonly lsn: string; readonly atMs: number };

const mostMarks = 600;

/**
 * Reads how far replicas are behind. The server's own `replay_lag` keeps its last value while a replica stands still, so
 * the age of the oldest position of ours that a replica has not replayed counts as well.
 */
export function createReplicaLag(session: Session, limitMs: number, where: string) {
  let marks: readonly Mark[] = [];

  /** Why to wait for a replica; undefined when none is too far behind. */
  return async (): Promise<string | undefined> => {
    const nowMs = performance.now();
    const { rows: seen } = await session.query<{ lsn: string; replicas: string }>(
      `select pg_current_wal_lsn()::text as lsn, (select count(*) from pg_stat_replication) as replicas`,
    );
    const [now] = seen;
    if (now === undefined || Number(now.replicas) === 0) {
      marks = [];
      return undefined;
    }
    if (marks.at(-1)?.lsn !== now.lsn) marks = [...marks, { lsn: now.lsn, atMs: nowMs }].slice(-mostMarks);
    const { rows: replicas } = await session.query<ReplicaRow>(
      `select r.application_name as name, r.state, 1000 * extract(epoch from r.replay_lag) as told_ms,
              pg_wal_lsn_diff($1::pg_lsn, r.replay_lsn) as behind_bytes,
              (select $3::float8 - min(m.at_ms) from unnest($2::pg_lsn[], $4::float8[]) m (lsn, at_ms)
                where m.lsn > r.replay_lsn) as own_ms
         from pg_stat_replication r where r.state is distinct from 'backup'`,
      { values: [now.lsn, marks.map(({ lsn }) => lsn), nowMs, marks.map(({ atMs }) => atMs)] },
    );
    return replicas.map((replica) => whyWait(replica, limitMs, where)).find((why) => why !== undefined);
  };
}

function whyWait({ name, state, told_ms, behind_bytes, own_ms }: ReplicaRow, limitMs: number, where: string) {
  if (state === null)
    throw new PortError(
      'Rejected',
      `${where}: the lag of replica \`${name}\` may not be read by the user of the DSN; grant pg_monitor to it`,
    );
  // Without a byte to replay it is not behind, however long ago the last one was.
  if (behind_bytes === null || Number(behind_bytes) <= 0) return undefined;
  const lagMs = Math.max(Number(told_ms ?? 0), Number(own_ms ?? 0));
  if (lagMs <= limitMs) return undefined;
  return `replica \`${name}\` is ${formatDuration(lagMs)} behind, more than ${formatDuration(limitMs)}`;
}
