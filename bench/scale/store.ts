import { Client as Postgres, type QueryResultRow } from 'pg';

/** What the benchmark asks of the store, each time over a connection of its own. */
export function connectStore(dsn: string) {
  async function query<R extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    const client = new Postgres({ connectionString: dsn });
    await client.connect();
    try {
      return (await client.query<R>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }
  return {
    async countRows(): Promise<{ readonly [table: string]: number }> {
      const tables = ['releases', 'evidence', 'samples', 'outbox', 'roles'];
      const counts = tables.map((table) => `(select count(*)::int from spillway_store.${table}) as ${table}`);
      const [row] = await query<{ [table: string]: number }>(`select ${counts.join(', ')}`);
      return row ?? {};
    },
    /** When the watch of each release wrote down what it saw, first after that moment; by first run id. */
    async firstSamplesSince(sinceMs: number): Promise<ReadonlyMap<string, number>> {
      const rows = await query<{ release: string; at_ms: number }>(
        'select release, min(at_ms) as at_ms from spillway_store.samples where at_ms > $1 group by release',
        [sinceMs],
      );
      return new Map(rows.map(({ release, at_ms }) => [release, at_ms]));
    },
  };
}
