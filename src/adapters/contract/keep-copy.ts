import { escapeIdentifier } from 'pg';
import { keptSchema, ledgerSchema } from '../migrations/own-schemas';
import { keptName } from '../../core/contract/names';
import { ownMark } from '../../core/contract/own-mark';
import type { RestorePoint } from '../../core/contract/restore-point';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { copyColumn } from './copy-column';
import { copyTable } from './copy-table';
import { checkRoom } from './copy-size';
import { nameRemoved, qualified, type Removed } from './removed';
import type { PartKey, Place } from './retired';

/** How one copy is made, and how what it holds comes back into `on`. */
export type Copy = {
  /** Columns that say which row is which, quoted; none for a whole table. */
  readonly key: readonly string[];
  /** Makes the copy in the table `kept`. */
  readonly take: string;
  /** The rows of the original that a copy holds, as text. */
  readonly original: string;
  /** Makes what a restore starts from: nothing for a table, the rows without the column for a column. */
  readonly prepare: (scratch: string) => readonly string[];
  readonly restore: (on: string) => readonly string[];
  /** What comes after that on the original itself: names, defaults, indexes. */
  readonly rest: readonly string[];
  /** The rows of a restored table as text, to be compared with the original's. */
  readonly restored: (scratch: string) => string;
};

export type Source = {
  /** Where the values are now; under a hidden name once they are renamed. */
  readonly at: Removed;
  /** Where they come back to. */
  readonly of: Place;
};

const marked = (sql: string): string => sql.replace(/\bselect\b/, `select ${ownMark}`);

/** Takes one copy and restores from it beside the original, in one view of the data: nothing is written in between. */
export async function keepCopy(
  session: Session,
  context: ContractContext,
  { source, part, keepMs }: { readonly source: Source; readonly part: PartKey; readonly keepMs: number },
): Promise<RestorePoint> {
  const { at, of } = source;
  const name = keptName(of, part.release);
  const kept = qualified(keptSchema, name);
  const scratch = qualified(keptSchema, `${name.slice(0, 40)}_test`);
  const copy = await (at.column === undefined
    ? copyTable(session, source, kept)
    : copyColumn(session, { ...source, column: at.column }, kept));
  await checkRoom(session, context, { removed: at, key: copy.key });
  const startedMs = Date.now();
  const timeoutMs = context.statementTimeoutMs;
  const run = (sql: string) => session.query(sql, { timeoutMs });
  await run(`drop table if exists ${kept}; drop table if exists ${scratch}`);
  await run(marked(copy.take));
  const [original, copied] = [
    await readChecksum(session, copy.original, timeoutMs),
    await readChecksum(session, `select row(k.*)::text as r from ${kept} k`, timeoutMs),
  ];
  for (const sql of [...copy.prepare(scratch), ...copy.restore(scratch)]) await run(marked(sql));
  const { rows: different } = await session.query<{ count: string }>(
    marked(
      `select count(*) as count from (
         (${copy.original} except all ${copy.restored(scratch)}) union all (${copy.restored(scratch)} except all ${copy.original})
       ) d`,
    ),
    { timeoutMs },
  );
  await run(`drop table ${scratch}`);
  const count = Number(different[0]?.count ?? 1);
  const what = `restore point of ${nameRemoved(at)} on ${context.target}`;
  if (count > 0 || original.sum !== copied.sum || original.rows !== copied.rows)
    throw new PortError(
      'NotConverged',
      `${what}: ${count} rows restored from the copy differ from the original (${original.rows} rows, the copy has ${copied.rows}); it is taken again`,
    );
  const restore = [...copy.restore(qualified(of.schema, of.table)), ...copy.rest].map((sql) => `${sql};`).join('\n');
  return noteKept(session, {
    name,
    of: [of.schema, of.table, ...(of.column === undefined ? [] : [of.column])].join('.'),
    part,
    keepMs,
    tookMs: Date.now() - startedMs,
    sum: copied.sum,
    restore,
    isRenamed: at.table !== of.table || at.column !== of.column,
  });
}

async function readChecksum(
  session: Session,
  rows: string,
  timeoutMs: number,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const { rows: found } = await session.query<{ rows: string; sum: string }>(
    marked(
      `select count(*) as rows, coalesce(sum(hashtextextended(q.r, 0)::numeric), 0)::text as sum from (${rows}) q`,
    ),
    { timeoutMs },
  );
  return { rows: Number(found[0]?.rows ?? 0), sum: found[0]?.sum ?? '' };
}

type Note = {
  readonly name: string;
  readonly of: string;
  readonly part: PartKey;
  readonly keepMs: number;
  readonly tookMs: number;
  readonly sum: string;
  readonly restore: string;
  readonly isRenamed: boolean;
};

/** Notes the copy; what brings it back stays as it was when everything still had its own name. */
async function noteKept(session: Session, note: Note): Promise<RestorePoint> {
  const { name, of, part, keepMs, tookMs, sum, restore, isRenamed } = note;
  const { rows } = await session.query<{ rows: string; bytes: string; taken_at: Date; keep_until: Date }>(
    `insert into ${ledgerSchema}.kept as k
       (name, of, release, migration, rows, bytes, checksum, took_ms, keep_until, restore_sql)
     select $1, $2, $3, $4, (select count(*) from ${keptSchema}.${escapeIdentifier(name)}),
            pg_total_relation_size($5::regclass), $6, $7, now() + $8 * interval '1 millisecond', $9
     on conflict (name) do update set rows = excluded.rows, bytes = excluded.bytes, checksum = excluded.checksum,
       took_ms = excluded.took_ms, taken_at = excluded.taken_at, keep_until = excluded.keep_until,
       restore_sql = case when $10 then k.restore_sql else excluded.restore_sql end
     returning rows, bytes, taken_at, keep_until`,
    {
      values: [
        name,
        of,
        part.release,
        part.migration,
        qualified(keptSchema, name),
        sum,
        tookMs,
        keepMs,
        restore,
        isRenamed,
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
