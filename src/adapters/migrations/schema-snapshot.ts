import type { SchemaSnapshot } from '../../ports/migrations';
import type { Session } from '../postgres/session';
import { ledgerSchema } from './own-schemas';
import { schemaObjectsSql } from './schema-objects';

/** Reads what the schemas hold, in one consistent view; the ledger's own schema is never part of it. */
export async function readSchemaSnapshot(
  session: Session,
  schemas: readonly string[],
  timeoutMs: number,
): Promise<SchemaSnapshot> {
  return session.transaction(async () => {
    // Definitions leave out schemas on the search path: with none there, they do not depend on the user's settings.
    await session.query("select set_config('search_path', 'pg_catalog', true)");
    return readSchemaObjects(session, schemas, timeoutMs);
  }, 'isolation level repeatable read read only');
}

/** The same in the running transaction, whose search path holds `pg_catalog` alone. */
export async function readSchemaObjects(
  session: Session,
  schemas: readonly string[],
  timeoutMs: number,
): Promise<SchemaSnapshot> {
  const watched = schemas.filter((schema) => schema !== ledgerSchema);
  const { rows } = await session.query<{ object: string; digest: string }>(schemaObjectsSql, {
    values: [watched],
    timeoutMs,
  });
  return Object.fromEntries(rows.map(({ object, digest }) => [object, digest]));
}
