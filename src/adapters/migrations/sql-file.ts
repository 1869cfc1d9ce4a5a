import type { QueryResult } from 'pg';
import type { SqlFile } from '../../core/plan/effects';
import { formatIssue } from '../../core/descriptor/issue';
import { PortError } from '../../ports/errors';
import { whyNotInTransaction } from '../../sql/outside-transaction';
import { parseSql, type SqlStatement } from '../../sql/parse';
import { toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import { isBusy } from './lock-patience';

/** A file that was read, and whose statements can run inside one transaction. */
export type CheckedFile = { readonly file: SqlFile; readonly statements: readonly SqlStatement[] };

export type FileRun = {
  readonly checked: CheckedFile;
  readonly what: string;
  readonly target: string;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
};

/** The server's own limit fires first; this one is for a server that no longer answers. */
export const answerMarginMs = 5_000;

/**
 * Reads a file that is to run inside one transaction; done once, however often it runs.
 * @throws PortError `Rejected` for a file that cannot, that is empty, or that is no SQL.
 */
export async function checkFile(file: SqlFile, what: string, target: string): Promise<CheckedFile> {
  const where = `${what} on ${target}: ${file.path}`;
  const statements = await readStatements(file, where);
  if (statements.length === 0) {
    throw new PortError('Rejected', `${where} holds no statement; write one, or remove the part`);
  }
  for (const statement of statements) {
    const reason = whyNotInTransaction(statement);
    if (reason === undefined) continue;
    throw new PortError(
      'Rejected',
      `${where}:${statement.line}:${statement.column} cannot run inside the one transaction of its part: ` +
        `it holds ${reason}; write it without, or run it by hand`,
    );
  }
  return { file, statements };
}

/**
 * The statement of a file that holds one query.
 * @throws PortError `Rejected` when it holds none, or more.
 */
export async function onlyQuery(query: SqlFile, what: string, target: string): Promise<SqlStatement> {
  const [statement, ...more] = await readStatements(query, `${what} on ${target}: ${query.path}`);
  if (statement !== undefined && more.length === 0) return statement;
  const found = statement === undefined ? 'none' : String(more.length + 1);
  throw new PortError('Rejected', `${what} on ${target}: ${query.path} must hold one query, it holds ${found}`);
}

/** For errors: where a statement stands that is sent after `prefix`, and without what is above it in the file. */
export function sourceOf(file: SqlFile, { offset, line }: SqlStatement, prefix: string) {
  const above = [...file.sql.slice(0, offset)].length;
  return { path: file.path, sql: file.sql, prefixLength: prefix.length - above, line };
}

/** @throws PortError `Rejected` with the place where a file is no SQL. */
export async function readStatements(file: SqlFile, where: string): Promise<readonly SqlStatement[]> {
  const parsed = await parseSql(file);
  if (parsed.ok) return parsed.value;
  throw new PortError('Rejected', `${where} is not SQL: ${parsed.issues.map(formatIssue).join('; ')}`);
}

/** How long a statement of a transaction may wait for a lock, and run. */
export type TransactionLimits = { readonly lockTimeoutMs: number; readonly statementTimeoutMs: number };

/** Limits for the rest of the running transaction. */
export async function limitTransaction(session: Session, limits: TransactionLimits): Promise<void> {
  await session.query("select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)", {
    values: [String(limits.lockTimeoutMs), String(limits.statementTimeoutMs)],
  });
}

/** Runs a checked file in the running transaction; errors name the file and the place in it. */
export async function runFile(session: Session, run: FileRun): Promise<readonly QueryResult[]> {
  const { checked, what, target } = run;
  const { file, statements } = checked;
  try {
    return await session.runAll(file.sql, run.statementTimeoutMs * statements.length + answerMarginMs);
  } catch (error) {
    // Still to be tried again: the caller must see that a lock was in the way.
    if (isBusy(error)) throw error;
    throw toPortError(error, { what, target, source: file });
  }
}
