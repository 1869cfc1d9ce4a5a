import { DatabaseError, Pool, type PoolClient } from 'pg';
import { PortError } from '../../ports/errors';

const connectTimeoutMs = 1_000;
const queryTimeoutMs = 2_000;
const poolSize = 5;

/** A small pool whose every query gives up in time: a hanging server costs the caller 3 s at most. */
export function createPool(dsn: string, applicationName: string): Pool {
  const pool = new Pool({
    connectionString: dsn,
    application_name: applicationName,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    // The server's own limit, or a query given up on would go on there and keep its locks.
    statement_timeout: queryTimeoutMs,
    keepAlive: true,
  });
  // A lost idle connection leaves the pool by itself and the next query gets a new one; no listener is a crash.
  pool.on('error', () => undefined);
  // The pool listens to idle connections only; one lost between two queries of a transaction would crash the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction; a connection in doubt is thrown away, never used again. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isInDoubt = true;
  try {
    await client.query('begin');
    const value = await work(client);
    await client.query('commit');
    isInDoubt = false;
    return value;
  } catch (error) {
    isInDoubt = !(isRefusal(error) && (await rollBack(client)));
    throw error;
  } finally {
    client.release(isInDoubt);
  }
}

/** Whether the connection still listens: the server refused a statement, or our own rules did. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError || error instanceof PortError;
}

async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    // The transaction's own error is the one to tell; the connection is thrown away.
    return false;
  }
}
