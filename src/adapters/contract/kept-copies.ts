import { escapeIdentifier } from 'pg';
import { limitTransaction, type TransactionLimits } from '../migrations/sql-file';
import { keptSchema, ledgerSchema } from '../migrations/own-schemas';
import type { KeptCopy } from '../../ports/contract';
import type { Session } from '../postgres/session';
import { tableExists } from '../postgres/table-exists';

type Row = {
  name: string;
  of: string;
  release: string;
  migration: string;
  rows: string;
  bytes: string;
  taken_at: Date;
  keep_until: Date;
  restored_at: Date | null;
};

/** Copies that are there, newest first. */
export async function listKept(session: Session): Promise<readonly KeptCopy[]> {
  if (!(await tableExists(session, { schema: ledgerSchema, name: 'kept' }))) return [];
  const { rows } = await session.query<Row>(
    `select name, of, release, migration, rows, bytes, taken_at, keep_until, restored_at
       from ${ledgerSchema}.kept order by taken_at desc`,
  );
  return rows.map((row) => ({
    name: row.name,
    of: row.of,
    release: row.release,
    migration: row.migration,
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    takenAt: row.taken_at.toISOString(),
    keptUntil: row.keep_until.toISOString(),
    ...(row.restored_at === null ? {} : { restoredAt: row.restored_at.toISOString() }),
  }));
}

/** Removes what was kept for as long as was declared. */
export function removeExpired(session: Session, limits: TransactionLimits): Promise<readonly string[]> {
  return session.transaction(async () => {
    await limitTransaction(session, limits);
    const { rows } = await session.query<{ name: string }>(
      `delete from ${ledgerSchema}.kept where keep_until < now() returning name`,
    );
    for (const { name } of rows) await session.query(`drop table if exists ${keptSchema}.${escapeIdentifier(name)}`);
    return rows.map(({ name }) => name);
  });
}
