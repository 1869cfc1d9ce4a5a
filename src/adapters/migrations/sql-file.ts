import type { QueryResult } from 'pg';
import type { SqlFile } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import { splitStatements, whyNotInTransaction, type Statement } from '../postgres/statements';
import { isBusy } from './lock-patience';

export type FileRun = {
  readonly file: SqlFile;
  readonly what: string;
  readonly target: string;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
};

/** The server's own limit fires first; this one is for a server that no longer answers. */
export const answerMarginMs = 5_000;

/**
 * The statements of a file that can run inside one transaction.
 * @throws PortError `Rejected` for a file that cannot, or that is empty.
 */
export function checkFile(file: SqlFile, what: string, target: string): readonly Statement[] {
  const statements = splitStatements(file.sql);
  const where = `${what} on ${target}: ${file.path}`;
  if (statements.length === 0) {
    throw new PortError('Rejected', `${where} holds no statement; write one, or remove the part`);
  }
  const reason = whyNotInTransaction(statements);
  if (reason === undefined) return statements;
  throw new PortError(
    'Rejected',
    `${where} cannot run inside the one transaction of its part: ${reason}; write it without, or run it by hand`,
  );
}

/** Limits for the rest of the running transaction, in milliseconds. */
export async function limitTransaction(
  session: Session,
  limits: { readonly lockTimeoutMs: number; readonly statementTimeoutMs: number },
): Promise<void> {
  await session.query("select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)", {
    values: [String(limits.lockTimeoutMs), String(limits.statementTimeoutMs)],
  });
}

/** Runs a checked file in the running transaction; errors name the file and the place in it. */
export async function runFile(session: Session, run: FileRun): Promise<readonly QueryResult[]> {
  const { file, what, target } = run;
  const count = checkFile(file, what, target).length;
  try {
    return await session.runAll(file.sql, run.statementTimeoutMs * count + answerMarginMs);
  } catch (error) {
    // Still to be tried again: the caller must see that a lock was in the way.
    if (isBusy(error)) throw error;
    throw toPortError(error, { what, target, source: file });
  }
}
