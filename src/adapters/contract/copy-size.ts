import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { nameRemoved, type Removed } from './removed';

/** Bytes that each row of a table takes beside its values. */
const rowOverheadBytes = 28;

const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;

/** About how many bytes a copy takes: all of a table, or of a column its key and its values. */
async function estimateBytes(session: Session, removed: Removed, key: readonly string[]): Promise<number> {
  const { rows } = await session.query<{ bytes: string }>(
    removed.column === undefined
      ? 'select pg_total_relation_size($1::oid) as bytes'
      : `select least(pg_total_relation_size($1::oid),
           greatest(c.reltuples, 0) * ($3 + coalesce((select sum(avg_width) from pg_stats
             where schemaname = $4 and tablename = $5 and attname = any ($2::text[])), 64)))::bigint as bytes
           from pg_class c where c.oid = $1`,
    removed.column === undefined
      ? { values: [removed.oid] }
      : { values: [removed.oid, [...key, removed.column], rowOverheadBytes, removed.schema, removed.table] },
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** @throws PortError `Rejected` when copy and test restore together would take more than the target allows. */
export async function checkRoom(
  session: Session,
  { target, maxCopyBytes }: ContractContext,
  { removed, key }: { readonly removed: Removed; readonly key: readonly string[] },
): Promise<void> {
  const bytes = 2 * (await estimateBytes(session, removed, key));
  if (bytes <= maxCopyBytes) return;
  throw new PortError(
    'Rejected',
    `restore point of ${nameRemoved(removed)} on ${target}: the copy and its test restore would take about ${inGb(bytes)}, and ` +
      `\`maxCopy\` allows ${inGb(maxCopyBytes)}; raise it where the disk has room, or name \`backup\` and \`testRestore\` commands`,
  );
}
