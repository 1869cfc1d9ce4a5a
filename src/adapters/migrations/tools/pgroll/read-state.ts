import type { PgrollReadiness, PgrollState, Unfilled } from '../../../../core/pgroll/decide';
import { versionSchemaOf, type PgrollFile } from '../../../../core/pgroll/read-file';
import { tablesToFill, triggersOf, type FilledTable } from '../../../../core/pgroll/triggers';
import { escapeIdentifier } from 'pg';
import { tableExists } from '../../../postgres/table-exists';
import type { Session } from '../../../postgres/session';

/** Where pgroll works and where it keeps its own tables. */
export type PgrollPlace = {
  readonly schema: string;
  readonly stateSchema: string;
  /** Counting reads whole tables. */
  readonly statementTimeoutMs: number;
};

/** Pgroll adds it to each table that it fills: true for a row that has no new form yet. */
export const markColumn = '_pgroll_needs_backfill';

/** What pgroll's own table says of this migration and of others; nothing that takes long to read. */
export async function readRecord(
  session: Session,
  { schema, stateSchema }: PgrollPlace,
  name: string | undefined,
): Promise<PgrollReadiness> {
  const table = { schema: stateSchema, name: 'migrations' };
  const isInitialised = await tableExists(session, table);
  const { rows } = isInitialised
    ? await session.query<{ name: string; done: boolean }>(
        `select name, done from ${escapeIdentifier(stateSchema)}.migrations where schema = $1`,
        { values: [schema] },
      )
    : { rows: [] };
  const found = rows.find((row) => row.name === name);
  return {
    isInitialised,
    hasHistory: rows.length > 0,
    hasTables: (await readTables(session, schema, ['r', 'p'])).length > 0,
    active: rows.find(({ done }) => !done)?.name,
    migration: found === undefined ? undefined : found.done ? 'completed' : 'started',
  };
}

/** What is so of a migration, from pgroll's own table and the catalogue, with the rows counted that have no new form. */
export async function readState(session: Session, place: PgrollPlace, file: PgrollFile): Promise<PgrollState> {
  const record = await readRecord(session, place, file.name);
  if (record.migration !== 'started')
    return { ...record, isViewed: true, missingTriggers: [], brokenTriggers: [], unfilled: [] };
  const triggers = triggersOf(file);
  const columns = await readColumns(session, place.schema);
  const there = await readTriggers(session, place.schema);
  return {
    ...record,
    isViewed: await hasEveryView(session, place.schema, versionSchemaOf(place.schema, file)),
    missingTriggers: triggers.filter(({ table, name }) => !there.has(`${table} ${name}`)),
    brokenTriggers: triggers.filter((trigger) =>
      trigger.columns.some((column) => !columns.has(`${trigger.table} ${column}`)),
    ),
    unfilled: await countUnfilled(session, place, tablesToFill(file)),
  };
}

async function readTables(session: Session, schema: string, kinds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await session.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind = any($2)`,
    { values: [schema, kinds] },
  );
  return rows.map(({ name }) => name);
}

/** Pgroll makes one view a table, last of all statements that change the schema. */
async function hasEveryView(session: Session, schema: string, versionSchema: string): Promise<boolean> {
  const tables = await readTables(session, schema, ['r', 'p']);
  const views = await readTables(session, versionSchema, ['v']);
  return views.length >= tables.length;
}

async function readTriggers(session: Session, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await session.query<{ key: string }>(
    `select c.relname || ' ' || t.tgname as key
       from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and not t.tgisinternal and t.tgenabled <> 'D'`,
    { values: [schema] },
  );
  return new Set(rows.map(({ key }) => key));
}

async function readColumns(session: Session, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await session.query<{ key: string }>(
    `select c.relname || ' ' || a.attname as key
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and a.attnum > 0 and not a.attisdropped`,
    { values: [schema] },
  );
  return new Set(rows.map(({ key }) => key));
}

/** Spillway's own count: pgroll says that it is done also when it was killed on the way. */
async function countUnfilled(
  session: Session,
  { schema, statementTimeoutMs }: PgrollPlace,
  tables: readonly FilledTable[],
): Promise<readonly Unfilled[]> {
  const counted: Unfilled[] = [];
  for (const { table, isTwoWay } of tables) {
    const { rows: marks } = await session.query<{ is_marked: boolean }>(
      `select exists (select from pg_attribute where attrelid = to_regclass($1) and attname = $2 and not attisdropped) as is_marked`,
      { values: [quoteTable(schema, table), markColumn] },
    );
    const unfilled = marks[0]?.is_marked === true ? `where ${markColumn} is distinct from false` : '';
    const { rows } = await session.query<{ rows: string }>(
      `select count(*) as rows from ${quoteTable(schema, table)} ${unfilled}`,
      { timeoutMs: statementTimeoutMs },
    );
    counted.push({ table, isTwoWay, rows: Number(rows[0]?.rows ?? 0) });
  }
  return counted;
}

export const quoteTable = (schema: string, table: string): string =>
  `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
