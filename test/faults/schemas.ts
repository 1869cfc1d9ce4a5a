import { Client } from 'pg';
import { fingerprintSql } from './checker/fingerprint';
import type { World } from './world';

/** The three schemas that a case may come to rest at. */
export type Schemas = { readonly baseline: string; readonly expanded: string; readonly contracted: string };

/** Applies the migrations by hand in an empty database: what they come to without the engine. */
export async function readSchemas(dsn: string, world: World): Promise<Schemas> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  const after = async (...texts: readonly (string | undefined)[]): Promise<string> => {
    for (const text of texts) await client.query(text ?? '');
    const { rows } = await client.query<{ readonly fingerprint: string }>(fingerprintSql);
    return rows[0]?.fingerprint ?? '';
  };
  try {
    return {
      // Without rows there is nothing that a backfill would have to fill first.
      baseline: await after(world.schemaSql, 'truncate orders'),
      expanded: await after(...world.toExpanded.map((file) => world.files[file])),
      contracted: await after(...world.toContracted.map((file) => world.files[file])),
    };
  } finally {
    await client.end();
  }
}
