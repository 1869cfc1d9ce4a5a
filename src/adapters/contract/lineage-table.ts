import type { LineageEntry } from '../../core/contract/lineage';
import { ledgerSchema } from '../migrations/own-schemas';
import type { Session } from '../postgres/session';
import { tableExists } from '../postgres/table-exists';

/** Which version of the service came with which migrations, oldest first; none before the first migration. */
export async function readLineage(session: Session, service: string): Promise<readonly LineageEntry[]> {
  if (!(await tableExists(session, { schema: ledgerSchema, name: 'lineage' }))) return [];
  const { rows } = await session.query<{
    version: string;
    release: string;
    migration: string;
    parts: readonly string[];
    at: Date;
    undone_at: Date | null;
  }>(
    // A part that was taken back stands no more: after a put-back the expand is left, and the old form is there.
    `select version, release, migration, min(at) as at,
            coalesce(array_agg(part order by at) filter (where undone_at is null), array_agg(part order by at)) as parts,
            case when bool_and(undone_at is not null) then max(undone_at) end as undone_at
       from ${ledgerSchema}.lineage where service = $1
      group by version, release, migration order by min(at), migration`,
    { values: [service] },
  );
  return rows.map(({ undone_at: undoneAt, at, ...entry }) => ({
    service,
    ...entry,
    at: at.toISOString(),
    ...(undoneAt === null ? {} : { undoneAt: undoneAt.toISOString() }),
  }));
}
