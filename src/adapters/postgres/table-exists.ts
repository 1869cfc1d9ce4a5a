import type { QueryResult } from 'pg';

/** A session, or what asks as one does. */
type Asking = {
  query(
    sql: string,
    options: { readonly values: readonly string[] },
  ): Promise<QueryResult<{ readonly exists: boolean }>>;
};

/**
 * Whether a table exists as of this very statement.
 * The catalog is scanned because `to_regclass` may answer from a cache that has not heard of a table made just now.
 */
export async function tableExists(
  session: Asking,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<boolean> {
  const { rows } = await session.query(
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = $1 and c.relname = $2) as exists`,
    { values: [schema, name] },
  );
  return rows[0]?.exists === true;
}
