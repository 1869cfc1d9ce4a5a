import type { SqlFile } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { sqlStateOf, toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { MigrationsContext } from './postgres';
import { answerMarginMs, limitTransaction, readStatements } from './sql-file';

const prefix = 'select count(*) as count from (';

/** Counts the rows of a query inside the database; they are never sent here. */
export async function countViolations(session: Session, context: MigrationsContext, query: SqlFile): Promise<number> {
  const what = 'check';
  const { target } = context;
  const [statement, ...more] = await readStatements(query, `${what} on ${target}: ${query.path}`);
  if (statement === undefined || more.length > 0) {
    const found = statement === undefined ? 'none' : String(more.length + 1);
    throw new PortError('Rejected', `${what} on ${target}: ${query.path} must hold one query, it holds ${found}`);
  }
  // Only the statement itself is sent, without what stands above it in the file.
  const before = [...query.sql.slice(0, statement.offset)].length;
  try {
    return await session.transaction(async () => {
      await limitTransaction(session, context);
      // The line break ends a comment at the end of the query.
      const { rows } = await session.query<{ count: string }>(`${prefix}${statement.text}\n) q`, {
        timeoutMs: context.statementTimeoutMs + answerMarginMs,
      });
      const [row] = rows;
      if (row === undefined) throw new Error('count(*) gave no row');
      return Number(row.count);
    }, 'read only');
  } catch (error) {
    if (sqlStateOf(error) === '25006') {
      throw new PortError('Rejected', `${what} on ${target}: ${query.path} writes, a check may only read; correct it`);
    }
    throw toPortError(error, { what, target, source: { ...query, prefixLength: prefix.length - before } });
  }
}
