import type { QueryResultRow } from 'pg';
import type { SqlFile } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { sqlStateOf, toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { MigrationsContext } from './postgres';
import { answerMarginMs, limitTransaction, onlyQuery, sourceOf } from './sql-file';

const prefix = 'select count(*) as count from (';

/** Counts the rows of a query inside the database; they are never sent here. */
export async function countViolations(session: Session, context: MigrationsContext, query: SqlFile): Promise<number> {
  const row = await readOnly<{ count: string }>(session, context, { query, what: 'check', prefix, suffix: ') q' });
  return Number(row.count);
}

type Reading = {
  readonly query: SqlFile;
  readonly what: string;
  /** What stands around the query. */
  readonly prefix: string;
  readonly suffix: string;
};

/** Runs a person's query inside one of ours that gives one row, in a transaction of its own; it may only read. */
export const readOnly = <Row extends QueryResultRow>(
  session: Session,
  context: MigrationsContext,
  reading: Reading,
): Promise<Row> => readWith<Row>(session, context, reading, (work) => session.transaction(work, 'read only'));

/** The same inside the running transaction, which may write before and after. */
export const readOnlyWithin = <Row extends QueryResultRow>(
  session: Session,
  context: MigrationsContext,
  reading: Reading,
): Promise<Row> =>
  readWith<Row>(session, context, reading, async (work) => {
    await session.query('savepoint reading');
    // It holds to the end of the savepoint only.
    await session.query('set transaction read only');
    const row = await work();
    await session.query('release savepoint reading');
    return row;
  });

async function readWith<Row extends QueryResultRow>(
  session: Session,
  context: MigrationsContext,
  { query, what, prefix: before, suffix }: Reading,
  around: (work: () => Promise<Row>) => Promise<Row>,
): Promise<Row> {
  const { target } = context;
  const statement = await onlyQuery(query, what, target);
  try {
    return await around(async () => {
      await limitTransaction(session, context);
      // The line break ends a comment at the end of the query.
      const { rows } = await session.query<Row>(`${before}${statement.text}\n${suffix}`, {
        timeoutMs: context.statementTimeoutMs + answerMarginMs,
      });
      const [row] = rows;
      if (row === undefined) throw new Error(`${query.path}: an aggregate gave no row`);
      return row;
    });
  } catch (error) {
    if (sqlStateOf(error) === '25006') {
      throw new PortError(
        'Rejected',
        `${what} on ${target}: ${query.path} writes, a ${what} may only read; correct it`,
      );
    }
    throw toPortError(error, { what, target, source: sourceOf(query, statement, before) });
  }
}
