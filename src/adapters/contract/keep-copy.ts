import { keptName } from '../../core/contract/names';
import { ownMark } from '../../core/contract/own-mark';
import type { RestorePoint } from '../../core/contract/restore-point';
import { PortError } from '../../ports/errors';
import { keptSchema } from '../migrations/own-schemas';
import { refuseHiddenRows } from '../postgres/row-security';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { copyColumn } from './copy-column';
import { checkRoom } from './copy-size';
import { copyTable } from './copy-table';
import { noteKept, readRestore } from './kept-notes';
import { nameRemoved, qualified, type Removed } from './removed';
import type { Restore } from './restore';
import type { PartKey, Place } from './retired';
import { tryRestore } from './try-restore';

/** How one copy is made, and how what it holds comes back. */
export type Copy = {
  /** Columns that say which row is which; none for a whole table. */
  readonly key: readonly string[];
  /** Makes the copy in the table `kept`. */
  readonly take: string;
  /** The rows of the original that a copy holds, as text. */
  readonly original: string;
  /** Makes what a test restore starts from: nothing for a table, the rows without the column for a column. */
  readonly prepare: readonly string[];
  readonly restore: Restore;
  /** The rows of the table that a test restored as text, to be compared with the original's. */
  readonly restored: string;
};

export type Source = {
  /** Where the values are now; under a hidden name once they are renamed. */
  readonly at: Removed;
  /** Where they come back to. */
  readonly of: Place;
};

const mostNamed = 5;

/** Takes one copy and restores from it beside the original, in one view of the data: nothing is written in between. */
export async function keepCopy(
  session: Session,
  context: ContractContext,
  { source, part, keepMs }: { readonly source: Source; readonly part: PartKey; readonly keepMs: number },
): Promise<RestorePoint> {
  const { at, of } = source;
  const name = keptName(of, part.release);
  const kept = qualified(keptSchema, name);
  const timeoutMs = context.statementTimeoutMs;
  const isRenamed = at.table !== of.table || at.column !== of.column;
  const stored = isRenamed ? await readRestore(session, name) : undefined;
  const copy = await (at.column === undefined
    ? copyTable(session, { ...source, stored, timeoutMs }, kept)
    : copyColumn(session, { ...source, column: at.column, stored }, kept));
  await checkRoom(session, context, { removed: at, key: copy.key });
  const startedMs = Date.now();
  // A forced policy holds for the owner as well: the copy would lack rows, and so would what it is compared with.
  await refuseHiddenRows(session);
  await session.query(`drop table if exists ${kept}`, { timeoutMs });
  await session.query(copy.take, { timeoutMs });
  const original = await readChecksum(session, copy.original, timeoutMs);
  const copied = await readChecksum(session, `select row(k.*)::text as r from ${kept} k`, timeoutMs);
  const tried = await tryRestore(session, copy, { ...source, timeoutMs });
  const what = `restore point of ${nameRemoved(at)} on ${context.target}`;
  if (tried.rows > 0 || original.sum !== copied.sum || original.rows !== copied.rows)
    throw new PortError(
      'NotConverged',
      `${what}: ${tried.rows} rows restored from the copy differ from the original (${original.rows} rows, the copy has ${copied.rows}); it is taken again`,
    );
  if (tried.objects.length > 0) {
    const more = tried.objects.length - mostNamed;
    throw new PortError(
      'Rejected',
      `${what}: a restore would not give back as it is: ${tried.objects.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}; ` +
        'name `backup` and `testRestore` commands for the target',
    );
  }
  return noteKept(session, {
    name,
    of: [of.schema, of.table, ...(of.column === undefined ? [] : [of.column])].join('.'),
    part,
    rows: copied.rows,
    keepMs,
    tookMs: Date.now() - startedMs,
    sum: copied.sum,
    restore: copy.restore,
  });
}

async function readChecksum(
  session: Session,
  rows: string,
  timeoutMs: number,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const { rows: found } = await session.query<{ rows: string; sum: string }>(
    `select ${ownMark} count(*) as rows, coalesce(sum(hashtextextended(q.r, 0)::numeric), 0)::text as sum from (${rows}) q`,
    { timeoutMs },
  );
  return { rows: Number(found[0]?.rows ?? 0), sum: found[0]?.sum ?? '' };
}
