import { sqlStateOf } from '../../postgres/errors';
import type { Session } from '../../postgres/session';
import type { CopyStatement } from './ddl';

/** A statement that cannot be run, and the SQLSTATE of its last attempt. */
export type Uncopied = CopyStatement & { readonly sqlState: string };

/**
 * Runs statements in the running transaction whatever order they need: those that fail are tried again as long as others
 * succeed, so that nobody has to work out which view needs which function.
 * @returns what cannot be made.
 */
export async function runDdl(
  session: Session,
  statements: readonly CopyStatement[],
  timeoutMs: number,
): Promise<readonly Uncopied[]> {
  let open = statements;
  for (;;) {
    const failed = await runHalving(session, open, timeoutMs);
    if (failed.length === 0) return [];
    if (failed.length === open.length) return failed;
    open = failed;
  }
}

/** All at once when it works, which saves a round trip a statement; else each half alone. */
async function runHalving(
  session: Session,
  statements: readonly CopyStatement[],
  timeoutMs: number,
): Promise<readonly Uncopied[]> {
  const [first] = statements;
  if (first === undefined) return [];
  await session.query('savepoint copied');
  try {
    await session.query(`${statements.map(({ ddl }) => ddl).join(';\n')};\nrelease savepoint copied`, { timeoutMs });
    return [];
  } catch (error) {
    const sqlState = sqlStateOf(error);
    if (sqlState === undefined) throw error;
    await session.query('rollback to savepoint copied; release savepoint copied');
    if (statements.length === 1) return [{ ...first, sqlState }];
  }
  const middle = Math.ceil(statements.length / 2);
  return [
    ...(await runHalving(session, statements.slice(0, middle), timeoutMs)),
    ...(await runHalving(session, statements.slice(middle), timeoutMs)),
  ];
}
