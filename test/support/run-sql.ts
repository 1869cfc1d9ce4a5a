import { Client } from 'pg';

/** Runs SQL in one session of its own. */
export async function runSql(dsn: string, sql: string): Promise<readonly { readonly [column: string]: unknown }[]> {
  const client = new Client({ connectionString: dsn });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<{ readonly [column: string]: unknown }>(sql)).rows;
  } finally {
    await client.end();
  }
}
