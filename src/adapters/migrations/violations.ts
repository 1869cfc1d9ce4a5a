import type { QueryResultRow } from 'pg';
import type { SqlFile } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { sqlStateOf, toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import { splitStatements } from '../postgres/statements';
import type { MigrationsContext } from './postgres';
import { answerMarginMs, limitTransaction } from './sql-file';

const prefix = 'select count(*) as count from (';

/** Counts the rows of a query inside the database; they are never sent here. */
export async function countViolations(session: Session, context: MigrationsContext, query: SqlFile): Promise<number> {
  const row = await readOnly<{ count: string }>(session, context, { query, what: 'check', prefix, suffix: ') q' });
  return Number(row.count);
}

/**
 * The text of the one statement that a file holds.
 * @throws PortError `Rejected` when it holds none, or more.
 */
export function onlyStatement(query: SqlFile, what: string, target: string): string {
  const [statement, ...more] = splitStatements(query.sql);
  if (statement !== undefined && more.length === 0) return statement.sql;
  const found = statement === undefined ? 'none' : String(more.length + 1);
  throw new PortError('Rejected', `${what} on ${target}: ${query.path} must hold one query, it holds ${found}`);
}

type Reading = {
  readonly query: SqlFile;
  readonly what: string;
  /** What stands around the query. */
  readonly prefix: string;
  readonly suffix: string;
};

/** Runs a person's query inside one of ours that gives one row; it may only read. */
export async function readOnly<Row extends QueryResultRow>(
  session: Session,
  context: MigrationsContext,
  { query, what, prefix: before, suffix }: Reading,
): Promise<Row> {
  const { target } = context;
  const statement = onlyStatement(query, what, target);
  try {
    return await session.transaction(async () => {
      await limitTransaction(session, context);
      // The line break ends a comment at the end of the query.
      const { rows } = await session.query<Row>(`${before}${statement}\n${suffix}`, {
        timeoutMs: context.statementTimeoutMs + answerMarginMs,
      });
      const [row] = rows;
      if (row === undefined) throw new Error(`${query.path}: an aggregate gave no row`);
      return row;
    }, 'read only');
  } catch (error) {
    if (sqlStateOf(error) === '25006') {
      throw new PortError(
        'Rejected',
        `${what} on ${target}: ${query.path} writes, a ${what} may only read; correct it`,
      );
    }
    throw toPortError(error, { what, target, source: { ...query, prefixLength: before.length } });
  }
}
