import { Client } from 'pg';
import { createPostgresMigrations } from '../../src/adapters/migrations/postgres';
import type { MigrationsPort } from '../../src/ports/migrations';
import { startStack } from '../../src/stack/start-stack';
import { seedSql, settleSql } from './accounts';

export type DataServer = {
  /** A database with the seeded table, as good as new; resolves to its connection string. */
  database(name: string): Promise<string>;
  stop(): Promise<void>;
};

export async function withClient<T>(dsn: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs statements one by one, as some cannot run together. */
export const run = (dsn: string, sql: string): Promise<void> =>
  withClient(dsn, async (client) => {
    for (const one of sql === settleSql ? sql.split(';') : [sql]) await client.query(one);
  });

export const connect = (dsn: string): MigrationsPort =>
  createPostgresMigrations({
    dsn,
    schemas: ['public'],
    target: 'accounts',
    lockTimeoutMs: 2_000,
    statementTimeoutMs: 300_000,
  });

/** A PostgreSQL server that waits for its disk at every commit, with the table of a measure. */
export async function startDataServer(rows: number): Promise<DataServer> {
  const stack = await startStack({ parts: ['postgres'], postgres: { fsync: true } });
  const seed = await stack.postgres.createDatabase('seed');
  await run(seed, seedSql(rows));
  await run(seed, settleSql);
  return {
    async database(name) {
      await run(stack.postgres.dsn(), `create database ${name} template seed strategy file_copy`);
      await run(stack.postgres.dsn(), 'checkpoint');
      return stack.postgres.dsn(name);
    },
    stop: () => stack.stop(),
  };
}
