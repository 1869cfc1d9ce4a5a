import { sha256Hex } from '../../core/canonical';
import type { SqlFile } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { LostCopy, MigrateEffect, UndoLosses } from '../../ports/migrations';
import { toPortError } from '../postgres/errors';
import { tableExists } from '../postgres/table-exists';
import type { Session } from '../postgres/session';
import { ledgerPart, nameEffect } from './ledger';
import { findLossesWithin } from './losses';
import { createKeptSchema, keptSchema, ledgerSchema } from './own-schemas';
import type { MigrationsContext } from './postgres';
import { answerMarginMs, onlyQuery, sourceOf } from './sql-file';
import { refuseUnchosen } from './unchosen-losses';

type PartOfRelease = { readonly effect: MigrateEffect; readonly release: string };
type Chosen = NonNullable<UndoLosses['chosen']>;
type Loss = PartOfRelease & { readonly chosen: Chosen };

/**
 * Asks the queries again in the running transaction, and copies what they find when that was chosen; the copy is compared
 * with it, and the table `lost` lists the copies.
 * @throws PortError `NotConverged` for rows that nobody chose to lose.
 */
export async function keepLostRows(
  session: Session,
  context: MigrationsContext,
  { effect, release, losses: { queries, chosen } }: PartOfRelease & { readonly losses: UndoLosses },
): Promise<readonly LostCopy[]> {
  const found: { readonly query: SqlFile; readonly rows: number }[] = [];
  for (const query of queries) found.push({ query, ...(await findLossesWithin(session, context, query)) });
  refuseUnchosen(found, chosen, `${nameEffect(effect, 'undo')} on ${context.target}`);
  const lost = found.filter(({ rows }) => rows > 0);
  if (chosen === undefined || lost.length === 0) return [];
  await createLostTable(session);
  const copies: LostCopy[] = [];
  for (const { query } of lost) copies.push(await keepRows(session, context, { effect, release, chosen }, query));
  return copies;
}

/** The copies that were made when the release undid the part. */
export async function readLostCopies(
  session: Session,
  { effect, release }: PartOfRelease,
): Promise<readonly LostCopy[]> {
  const table = { schema: ledgerSchema, name: 'lost' };
  if (!(await tableExists(session, table))) return [];
  const { rows } = await session.query<{ name: string; rows: string }>(
    `select name, rows from ${ledgerSchema}.lost where release = $1 and migration = $2 and part = $3 order by query`,
    { values: [release, effect.migration, ledgerPart(effect)] },
  );
  return rows.map((row) => ({ table: `${keptSchema}.${row.name}`, rows: Number(row.rows) }));
}

/** Removes the copies of an attempt that copied and did not undo. */
export async function forgetLostCopies(session: Session, part: PartOfRelease): Promise<void> {
  const copies = await readLostCopies(session, part);
  for (const { table } of copies) await session.query(`drop table if exists ${table}`);
  if (copies.length > 0)
    await session.query(`delete from ${ledgerSchema}.lost where release = $1 and migration = $2 and part = $3`, {
      values: [part.release, part.effect.migration, ledgerPart(part.effect)],
    });
}

async function createLostTable(session: Session): Promise<void> {
  await createKeptSchema(session);
  await session.query(`
    create table if not exists ${ledgerSchema}.lost (
      name text primary key,
      release text not null,
      migration text not null,
      part text not null,
      query text not null,
      rows bigint not null,
      checksum numeric not null,
      chosen_by text not null,
      why text not null,
      kept_at timestamptz not null default now()
    )`);
}

const sumSql = (source: string): string =>
  `select count(*) as rows, coalesce(sum(hashtextextended(q::text, 0)), 0)::text as checksum from ${source} q`;

type Sum = { rows: string; checksum: string };

async function keepRows(
  session: Session,
  { target, statementTimeoutMs }: MigrationsContext,
  { effect, release, chosen }: Loss,
  query: SqlFile,
): Promise<LostCopy> {
  const what = `copy of what the undo of ${effect.migration}/${effect.part} loses`;
  const statement = await onlyQuery(query, what, target);
  const name = `lost_${sha256Hex(`${release}/${effect.key}/${query.path}`).slice(0, 16)}`;
  const table = `${keptSchema}.${name}`;
  const prefix = `create table ${table} as `;
  const timeoutMs = statementTimeoutMs + answerMarginMs;
  try {
    // Left by an attempt that copied and did not undo.
    await session.query(`drop table if exists ${table}`);
    await session.query(`${prefix}${statement.text}`, { timeoutMs });
    const [found, copied] = [
      (await session.query<Sum>(sumSql(`(${statement.text}\n)`), { timeoutMs })).rows[0],
      (await session.query<Sum>(sumSql(table), { timeoutMs })).rows[0],
    ];
    if (found === undefined || copied === undefined) throw new Error('an aggregate gave no row');
    if (found.rows !== copied.rows || found.checksum !== copied.checksum)
      throw new PortError(
        'NotConverged',
        `${what} on ${target}: ${table} holds ${copied.rows} rows and the query finds ${found.rows}; somebody writes them still, nothing was undone, it is tried again`,
      );
    await session.query(
      `insert into ${ledgerSchema}.lost (name, release, migration, part, query, rows, checksum, chosen_by, why)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (name) do update set rows = excluded.rows, checksum = excluded.checksum, kept_at = now()`,
      {
        values: [
          name,
          release,
          effect.migration,
          ledgerPart(effect),
          query.path,
          copied.rows,
          copied.checksum,
          chosen.by,
          chosen.why,
        ],
      },
    );
    return { table, rows: Number(copied.rows) };
  } catch (error) {
    throw toPortError(error, { what, target, source: sourceOf(query, statement, prefix) });
  }
}
