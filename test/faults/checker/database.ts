import { setTimeout as sleep } from 'node:timers/promises';

type Row = { readonly [column: string]: unknown };
type Query = (sql: string) => Promise<readonly Row[]>;

/** One part in a list that the engine keeps in the database: `widen-total/expand`. */
export type PartFact = { readonly part: string; readonly isApplied: boolean; readonly isUndone: boolean };

/** What the engine keeps beside the service's tables, and what is still at work there. */
export type DatabaseFact = {
  readonly ledger: readonly PartFact[];
  readonly lineage: readonly PartFact[];
  /** Tables of the schema of copies, and those of them that the list of copies names. */
  readonly copies: readonly string[];
  readonly listedCopies: readonly string[];
  /** What contracts renamed, and whether it was dropped. */
  readonly retired: readonly { readonly part: string; readonly isDropped: boolean; readonly isPutBack: boolean }[];
  /** Databases that a trial made beside this one. */
  readonly scratch: readonly string[];
  readonly invalidIndexes: readonly string[];
  /** Sessions of the engine that hold the migration lock, or a transaction for seconds. */
  readonly sessions: readonly string[];
};

const settleMs = 10_000;
const pollMs = 200;

/** Names of the first column. */
const namesOf = (rows: readonly Row[]): readonly string[] => rows.map((row) => String(Object.values(row)[0]));

async function readParts(query: Query, table: string, applied: string): Promise<readonly PartFact[]> {
  const rows = await query(
    `select migration || '/' || part as part, ${applied} as is_applied, undone_at is not null as is_undone from ${table} order by 1`,
  );
  return rows.map((row) => ({
    part: String(row['part']),
    isApplied: row['is_applied'] === true,
    isUndone: row['is_undone'] === true,
  }));
}

const sessionsSql = `
  select format('%s, pid %s, %s', a.application_name, a.pid, a.state) from pg_stat_activity a
   where a.datname = current_database() and a.pid <> pg_backend_pid() and a.application_name ~ '^spillway'
     and (a.xact_start < clock_timestamp() - interval '3 seconds'
          or exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory'))`;

/** What a killed worker held the server lets go a moment later. */
async function untilIdle(query: Query): Promise<readonly string[]> {
  for (const untilMs = Date.now() + settleMs; ; await sleep(pollMs)) {
    const sessions = namesOf(await query(sessionsSql));
    if (sessions.length === 0 || Date.now() > untilMs) return sessions;
  }
}

/** Reads it all with queries of its own. */
export async function readDatabase(query: Query): Promise<DatabaseFact> {
  const sessions = await untilIdle(query);
  const tables = namesOf(
    await query(`select format('%s.%s', schemaname, tablename) from pg_tables where schemaname ~ '^spillway'`),
  );
  const of = async <T>(table: string, read: () => Promise<readonly T[]>): Promise<readonly T[]> =>
    tables.includes(table) ? read() : [];
  return {
    ledger: await of('spillway.ledger', () => readParts(query, 'spillway.ledger', 'applied_at is not null')),
    lineage: await of('spillway.lineage', () => readParts(query, 'spillway.lineage', 'true')),
    copies: tables.filter((name) => name.startsWith('spillway_kept.')).map((name) => name.slice(14)),
    listedCopies: await of('spillway.kept', async () => namesOf(await query('select name from spillway.kept'))),
    retired: await of('spillway.retired', async () =>
      (await query('select migration, dropped_at, put_back_at from spillway.retired')).map((row) => ({
        part: String(row['migration']),
        isDropped: row['dropped_at'] !== null,
        isPutBack: row['put_back_at'] !== null,
      })),
    ),
    scratch: namesOf(
      await query(
        `select datname from pg_database d where datname ~ '^spillway_trial_' and
           split_part(datname, '_', 3) = (select oid::text from pg_database where datname = current_database())`,
      ),
    ),
    invalidIndexes: namesOf(
      await query(
        'select indexrelid::regclass::text from pg_index where not (indisvalid and indisready and indislive)',
      ),
    ),
    sessions,
  };
}
