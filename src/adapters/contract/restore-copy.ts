import { escapeIdentifier } from 'pg';
import { PortError } from '../../ports/errors';
import { sqlStateOf } from '../postgres/errors';
import { keptSchema, ledgerSchema } from '../migrations/own-schemas';
import { answerMarginMs, limitTransaction } from '../migrations/sql-file';
import { refuseHiddenRows } from '../postgres/row-security';
import { searchFirst } from '../postgres/search-path';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { qualified } from './removed';
import type { Restore } from './restore';

/** Pages of a copy whose values come back in one transaction: some thousand rows, so that none of them waits long. */
const pagesAtOnce = 64;

/** One restore under way. */
type Work = {
  readonly name: string;
  readonly restore: Restore;
  /** Whether an earlier attempt has made the table or column already. */
  readonly isBegun: boolean;
  /** One step in a transaction of its own, with the limits of the target. */
  readonly step: <T>(work: (run: (sql: string) => Promise<number>) => Promise<T>) => Promise<T>;
};

/**
 * Brings a copy back in steps that hold no lock for long; asked for again after a fault, it goes on where it was.
 * @returns how many rows got their value back.
 * @throws PortError `Rejected` when there is no such copy.
 */
export async function restoreCopy(
  session: Session,
  context: ContractContext & { readonly copyTimeoutMs: number },
  name: string,
): Promise<number> {
  const found = await readCopy(session, name);
  if (found === undefined)
    throw new PortError('Rejected', `${context.target} keeps no copy ${name}; \`spillway kept\` lists those there are`);
  const { restore } = found;
  // The rows of a table come back in one statement, before anybody else can see it.
  const statementTimeoutMs =
    restore.column === undefined
      ? Math.max(context.copyTimeoutMs, context.statementTimeoutMs)
      : context.statementTimeoutMs;
  const step: Work['step'] = (work) =>
    session.transaction(async () => {
      await limitTransaction(session, { lockTimeoutMs: context.lockTimeoutMs, statementTimeoutMs });
      await refuseHiddenRows(session);
      await searchFirst(session, [restore.schema]);
      return work(
        async (sql) => (await session.query(sql, { timeoutMs: statementTimeoutMs + answerMarginMs })).rowCount ?? 0,
      );
    });
  const work: Work = { ...found, name, step };
  await (restore.column === undefined ? restoreTable(session, work) : restoreColumn(session, work));
  const { rows } = await session.query<{ rows: string }>(
    `update ${ledgerSchema}.kept set restored_at = now() where name = $1 returning restored_rows as rows`,
    { values: [name] },
  );
  return Number(rows[0]?.rows ?? 0);
}

async function readCopy(session: Session, name: string) {
  const { rows } = await session.query<{ restore: Restore; is_under_way: boolean }>(
    `select restore, restoring_since is not null and restored_at is null as is_under_way
       from ${ledgerSchema}.kept where name = $1`,
    { values: [name] },
  );
  const [copy] = rows;
  if (copy === undefined) return undefined;
  const { restore, is_under_way: isUnderWay } = copy;
  const { rows: there } = await session.query<{ is_there: boolean }>(
    `select exists (select from pg_attribute where attrelid = to_regclass($1) and not attisdropped
       and ($2::text is null or attname = $2)) as is_there`,
    { values: [`${escapeIdentifier(restore.schema)}.${restore.table}`, restore.column ?? null] },
  );
  return { restore, isBegun: isUnderWay && there[0]?.is_there === true };
}

const noteBegun = (session: Session, name: string, rows: number) =>
  session.query(
    `update ${ledgerSchema}.kept set restoring_since = now(), restored_at = null, restored_pages = 0, restored_rows = $2
      where name = $1`,
    { values: [name, rows] },
  );

async function restoreTable(session: Session, { name, restore, isBegun, step }: Work): Promise<void> {
  if (!isBegun)
    await step(async (run) => {
      for (const sql of restore.before) await run(sql);
      const rows = await run(restore.rows);
      for (const sql of [...restore.after, ...restore.counters]) await run(sql);
      await noteBegun(session, name, rows);
    });
  // Each locks another table, too, so it is added without a look at the rows, which comes under a weaker lock.
  for (const { ddl, isValid } of restore.references)
    await step((run) => run(isValid ? `${ddl} not valid` : ddl)).catch(unless('42710'));
  for (const each of restore.references.filter(({ isValid }) => isValid))
    await step((run) => run(`alter table ${restore.table} validate constraint ${each.name}`)).catch(unless('23503'));
}

/** A reference that is there already is what is wanted; rows whose other end is gone leave theirs not valid. */
const unless = (sqlState: string) => (error: unknown) => {
  if (sqlStateOf(error) !== sqlState) throw error;
};

async function restoreColumn(session: Session, { name, restore, isBegun, step }: Work): Promise<void> {
  if (!isBegun)
    await step(async (run) => {
      for (const sql of restore.before) await run(sql);
      await noteBegun(session, name, 0);
    });
  const { rows } = await session.query<{ pages: string }>(
    `select pg_relation_size($1::regclass) / current_setting('block_size')::bigint as pages`,
    { values: [qualified(keptSchema, name)] },
  );
  const pages = Number(rows[0]?.pages ?? 0);
  while (await step((run) => restorePages(session, { name, restore, pages }, run)));
}

/** Gives the rows of the next pages their values; false when there are none left. */
async function restorePages(
  session: Session,
  { name, restore, pages }: { readonly name: string; readonly restore: Restore; readonly pages: number },
  run: (sql: string) => Promise<number>,
): Promise<boolean> {
  // Triggers know by it who writes; and each value finds its row by the key, never by reading the whole table.
  await session.query(
    `select set_config('spillway.backfill', 'on', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`,
  );
  const { rows } = await session.query<{ place: string }>(
    `select restored_pages as place from ${ledgerSchema}.kept where name = $1 for update`,
    { values: [name] },
  );
  const from = Number(rows[0]?.place ?? pages);
  if (from >= pages) return false;
  const to = from + pagesAtOnce;
  const count = await run(`${restore.rows} and k.ctid >= '(${from},0)' and k.ctid < '(${to},0)'`);
  await session.query(
    `update ${ledgerSchema}.kept set restored_pages = $2, restored_rows = restored_rows + $3 where name = $1`,
    { values: [name, to, count] },
  );
  return true;
}
