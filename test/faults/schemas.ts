import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { fingerprintSql } from './checker/fingerprint';

/** The three schemas that a case may come to rest at. */
export type Schemas = { readonly baseline: string; readonly expanded: string; readonly contracted: string };

export const readSql = (name: string): string => readFileSync(join(__dirname, 'sql', name), 'utf8');

/** Applies the migrations by hand in an empty database: what they come to without the engine. */
export async function readSchemas(dsn: string): Promise<Schemas> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  const after = async (...files: readonly string[]): Promise<string> => {
    for (const file of files) await client.query(readSql(file));
    const { rows } = await client.query<{ readonly fingerprint: string }>(fingerprintSql);
    return rows[0]?.fingerprint ?? '';
  };
  try {
    return {
      baseline: await after('schema.sql'),
      expanded: await after('002.expand.sql', '003.expand.sql'),
      contracted: await after('002.contract.sql'),
    };
  } finally {
    await client.end();
  }
}
