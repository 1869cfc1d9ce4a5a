import type { RestorePoint } from '../../core/contract/restore-point';
import { keptSchema, ledgerSchema } from '../migrations/own-schemas';
import type { Session } from '../postgres/session';
import { qualified } from './removed';
import type { Restore } from './restore';
import type { PartKey } from './retired';

type Note = {
  readonly name: string;
  readonly of: string;
  readonly part: PartKey;
  readonly rows: number;
  readonly keepMs: number;
  readonly tookMs: number;
  readonly sum: string;
  readonly restore: Restore;
};

/** How an earlier copy of the same name comes back. */
export async function readRestore(session: Session, name: string): Promise<Restore | undefined> {
  const { rows } = await session.query<{ restore: Restore }>(
    `select restore from ${ledgerSchema}.kept where name = $1`,
    { values: [name] },
  );
  return rows[0]?.restore;
}

/** Notes a copy that was tried. */
export async function noteKept(session: Session, note: Note): Promise<RestorePoint> {
  const { name, of, part, keepMs, tookMs, sum, restore } = note;
  const { rows } = await session.query<{ rows: string; bytes: string; taken_at: Date; keep_until: Date }>(
    `insert into ${ledgerSchema}.kept as k
       (name, of, release, migration, rows, bytes, checksum, took_ms, keep_until, restore)
     values ($1, $2, $3, $4, $5, pg_total_relation_size($6::regclass), $7, $8, now() + $9 * interval '1 millisecond', $10)
     on conflict (name) do update set rows = excluded.rows, bytes = excluded.bytes, checksum = excluded.checksum,
       took_ms = excluded.took_ms, taken_at = excluded.taken_at, keep_until = excluded.keep_until, restore = excluded.restore
     returning rows, bytes, taken_at, keep_until`,
    {
      values: [
        name,
        of,
        part.release,
        part.migration,
        note.rows,
        qualified(keptSchema, name),
        sum,
        tookMs,
        keepMs,
        JSON.stringify(restore),
      ],
    },
  );
  const [row] = rows;
  if (row === undefined) throw new Error('noting a copy gave no row');
  return {
    kind: 'copy',
    name,
    of,
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    checksum: sum,
    takenAt: row.taken_at.toISOString(),
    tookMs,
    keptUntil: row.keep_until.toISOString(),
  };
}
