import type { QueryResult } from 'pg';

/**
 * Whether a table exists as of this very statement.
 * The catalog is scanned because `to_regclass` may answer from a cache that has not heard of a table made just now.
 */
export async function hasTable(
  query: (sql: string, values: readonly string[]) => Promise<QueryResult<{ exists: boolean }>>,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<boolean> {
  const { rows } = await query(
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = $1 and c.relname = $2) as exists`,
    [schema, name],
  );
  return rows[0]?.exists === true;
}
