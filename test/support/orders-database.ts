import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { TestPostgres } from './postgres';

/** A new database with a table `orders` of 25 rows; returns its DSN. */
export async function createOrdersDatabase(postgres: TestPostgres): Promise<string> {
  const dsn = await postgres.createDatabase(`orders_${randomUUID().replaceAll('-', '')}`);
  await runSql(
    dsn,
    `create table orders (id int primary key, state text, customer text not null unique);
     insert into orders select i, null, 'customer-' || i from generate_series(1, 25) i`,
  );
  return dsn;
}

/** Runs SQL on a connection of its own and gives the rows. */
export async function runSql(dsn: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  return withClient(dsn, 'test', async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
}

/** A connection with a name, for as long as `work` runs. */
export async function withClient<T>(dsn: string, name: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: dsn, application_name: name });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
