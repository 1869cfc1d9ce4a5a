import { escapeLiteral } from 'pg';
import { PortError } from '../../ports/errors';
import { toPortError, type PostgresFaultContext } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { BackfillContext } from './batch';
import { nameEffect } from './ledger';
import { countChanged } from './repeated-batch';
import { answerMarginMs, checkFile, sourceOf } from './sql-file';

const name = 'spillway_batch';

/** A batch statement that the server has read already, with both ends of its stretch of the key's type. */
export type PreparedBatch = {
  /** For errors: the file, and the line in it where the statement begins. */
  readonly source: NonNullable<PostgresFaultContext['source']>;
  /** Changes the rows after `lower` up to `upper`, in the running transaction; answers how many. */
  run(lower: string, upper: string): Promise<number>;
};

/** @throws PortError `Rejected` for a file that is not one statement, with its place. */
export async function prepareBatch(session: Session, context: BackfillContext, type: string): Promise<PreparedBatch> {
  const { effect, target, statementTimeoutMs } = context;
  const file = effect.apply;
  const what = nameEffect(effect, 'backfill');
  const [statement, ...more] = (await checkFile(file, what, target)).statements;
  if (statement === undefined || more.length > 0) {
    const found = `it holds ${more.length + 1}`;
    throw new PortError('Rejected', `${what} on ${target}: ${file.path} must hold one statement, ${found}`);
  }
  const prefix = `prepare ${name} (${type}, ${type}) as `;
  const source = sourceOf(file, statement, prefix);
  try {
    await session.query(`${prefix}${statement.text}`);
  } catch (error) {
    throw toPortError(error, { what, target, source });
  }
  return {
    source,
    run: async (lower, upper) => {
      const execute = `execute ${name} (${escapeLiteral(lower)}, ${escapeLiteral(upper)})`;
      const results = await session.runAll(execute, statementTimeoutMs + answerMarginMs);
      return countChanged(results, `${what} on ${target}: ${file.path}`);
    },
  };
}
