import { Client, DatabaseError, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { PortError } from '../../ports/errors';

/** One connection for one piece of work; locks and settings of the session end with it. */
export type Session = {
  /** Runs SQL; without `values` it may hold several statements, and the last one's result comes back. */
  query<Row extends QueryResultRow>(
    sql: string,
    options?: { readonly values?: readonly unknown[]; readonly timeoutMs?: number },
  ): Promise<QueryResult<Row>>;
  /** As `query` without values, with the result of every statement. */
  runAll(sql: string, timeoutMs: number): Promise<readonly QueryResult[]>;
  /** Runs `work` in one transaction; `work`'s failure rolls back. */
  transaction<T>(
    work: () => Promise<T>,
    mode?:
      | ''
      | 'read only'
      | 'isolation level read committed'
      | 'isolation level repeatable read'
      | 'isolation level repeatable read read only',
  ): Promise<T>;
};

type TimedQuery = QueryConfig<unknown[]> & { readonly query_timeout: number };

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 10_000;

/** Connects, names the session `applicationName` for whoever it blocks, runs `work` and disconnects. */
export async function withSession<T>(
  dsn: string,
  applicationName: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: dsn,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  });
  // A lost connection is reported twice: to the running query, which throws, and here, where no listener is a crash.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // After connecting, because an application_name in the DSN would win over ours.
    await client.query('select set_config($1, $2, false)', ['application_name', applicationName]);
    // The server ends a long statement when its client is gone, so that a killed worker leaves no lock behind.
    await client.query(
      "select set_config(name, '1000', false) from pg_settings where name = 'client_connection_check_interval'",
    );
    return await work(sessionOf(client));
  } finally {
    // A connection that is broken already has nothing to end, and the work's own error matters more.
    await client.end().catch(() => undefined);
  }
}

function sessionOf(client: Client): Session {
  const send = <Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] | undefined,
    timeoutMs: number,
  ) => {
    const query: TimedQuery = {
      text,
      query_timeout: timeoutMs,
      ...(values === undefined ? {} : { values: [...values] }),
    };
    return client.query<Row, unknown[]>(query);
  };
  const query: Session['query'] = (sql, { values, timeoutMs = queryTimeoutMs } = {}) => send(sql, values, timeoutMs);
  return {
    query,
    runAll: async (sql, timeoutMs) => {
      const result: QueryResult | readonly QueryResult[] = await send(sql, undefined, timeoutMs);
      return 'command' in result ? [result] : result;
    },
    transaction: async (work, mode = '') => {
      await query(`begin ${mode}`);
      try {
        const value = await work();
        await query('commit');
        return value;
      } catch (error) {
        // Any other error leaves a connection that may not listen; the session's end rolls back there.
        // A failing rollback leaves the first error as the one to tell.
        if (error instanceof DatabaseError || error instanceof PortError)
          await query('rollback').catch(() => undefined);
        throw error;
      }
    },
  };
}
