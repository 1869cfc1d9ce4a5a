import { sha256Hex } from '../../core/canonical';
import type { SqlFile } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { LostCopy, LostRows, MigrateEffect } from '../../ports/migrations';
import { toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import { createKeptSchema, keptSchema, ledgerSchema } from './own-schemas';
import type { MigrationsContext } from './postgres';
import { answerMarginMs, onlyQuery, sourceOf } from './sql-file';

type Loss = { readonly effect: MigrateEffect; readonly release: string; readonly lost: LostRows };

/** Copies the rows of each query, in the running transaction, and compares the copy with them; the table `lost` lists the copies. */
export async function keepLostRows(
  session: Session,
  context: MigrationsContext,
  loss: Loss,
): Promise<readonly LostCopy[]> {
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
  const copies: LostCopy[] = [];
  for (const query of loss.lost.queries) copies.push(await keepRows(session, context, loss, query));
  return copies;
}

const sumSql = (source: string): string =>
  `select count(*) as rows, coalesce(sum(hashtextextended(q::text, 0)), 0)::text as checksum from ${source} q`;

type Sum = { rows: string; checksum: string };

async function keepRows(
  session: Session,
  { target, statementTimeoutMs }: MigrationsContext,
  { effect, release, lost }: Loss,
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
          effect.part,
          query.path,
          copied.rows,
          copied.checksum,
          lost.by,
          lost.why,
        ],
      },
    );
    return { table, rows: Number(copied.rows) };
  } catch (error) {
    throw toPortError(error, { what, target, source: sourceOf(query, statement, prefix) });
  }
}
