import { setTimeout as delay } from 'node:timers/promises';
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

const warmSql = [
  "alter system set min_wal_size = '2GB'",
  "alter system set max_wal_size = '4GB'",
  'select pg_reload_conf()',
];
const megabytes = 2_000;

/**
 * As a server that has been written to for a day: its WAL files are there to be used again. A new one is filled with zeros
 * first, and every commit waits for that, some 55 ms each here.
 */
async function warmWal(dsn: string): Promise<void> {
  await withClient(dsn, async (client) => {
    for (const sql of warmSql) await client.query(sql);
    // The checkpointer reads its settings a moment later.
    await delay(1_000);
    await client.query(
      `select count(pg_logical_emit_message(false, 'warm', repeat('x', 1000000))) from generate_series(1, ${megabytes})`,
    );
    await client.query('checkpoint');
  });
}

/** A PostgreSQL server that waits for its disk at every commit, with the table of a measure. */
export async function startDataServer(rows: number, { isWarm = false } = {}): Promise<DataServer> {
  const stack = await startStack({ parts: ['postgres'], postgres: { fsync: true } });
  const seed = await stack.postgres.createDatabase('seed');
  await run(seed, seedSql(rows));
  await run(seed, settleSql);
  if (isWarm) await warmWal(seed);
  return {
    async database(name) {
      await run(stack.postgres.dsn(), `create database ${name} template seed strategy file_copy`);
      await run(stack.postgres.dsn(), 'checkpoint');
      return stack.postgres.dsn(name);
    },
    stop: () => stack.stop(),
  };
}
