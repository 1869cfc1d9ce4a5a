import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { nameRemoved, type Removed } from './removed';

/** Bytes that each row of a table takes beside its values. */
const rowOverheadBytes = 28;

const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;

// A table that was never analyzed, e.g. in a restored database, has -1 rows; no rows in a table with pages is no news either.
const sizeSql = `
  select sum(pg_total_relation_size(p.oid))::bigint as total, sum(pg_table_size(p.oid))::bigint as main,
         case when bool_and(p.reltuples > 0 or p.reltuples = 0 and pg_relation_size(p.oid) = 0)
           then sum(p.reltuples) end as rows,
         coalesce((select sum(avg_width) from pg_stats
           where schemaname = $2 and tablename = $3 and attname = any ($4::text[])), 64)::int as width
    from pg_class p
   where p.relkind = 'r' and (p.oid = $1::oid or p.oid in (select relid from pg_partition_tree($1::oid)))`;

type Size = { total: string; main: string; rows: number | null; width: number };

/** About how many bytes a copy takes: all of a table, or of a column its key and its values; without statistics the table, too. */
async function estimateBytes(session: Session, removed: Removed, key: readonly string[]): Promise<number> {
  const { oid, schema, table, column } = removed;
  const { rows } = await session.query<Size>(sizeSql, {
    values: [oid, schema, table, column === undefined ? [] : [...key, column]],
  });
  const [{ total, main, rows: count, width } = { total: '0', main: '0', rows: 0, width: 0 }] = rows;
  if (column === undefined) return Number(total);
  return count === null ? Number(main) : Math.min(Number(total), count * (rowOverheadBytes + width));
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
