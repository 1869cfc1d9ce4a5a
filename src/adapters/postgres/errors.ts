import { DatabaseError } from 'pg';
import { PortError } from '../../ports/errors';
import { explainSqlState } from './sql-states';

type SqlSource = {
  readonly path: string;
  readonly sql: string;
  /** Characters sent to the server before the file's own first one; 0 when left out. */
  readonly prefixLength?: number;
  /** Where the statement begins, for errors that name no place; the first line is 1. */
  readonly line?: number;
};

export type PostgresFaultContext = {
  /** What was being done, e.g. `applying expand of 0001-orders`. */
  readonly what: string;
  readonly target: string;
  readonly source?: SqlSource;
  /** The one row that fails, by its key: `id = 734512`. */
  readonly row?: string;
};

/** Faults that pg reports without a SQLSTATE or a system error code. */
const brokenConnection =
  /terminated|timeout|timed out|not queryable|connection (error|ended|closed)|client was closed|socket|before secure TLS|does not support SSL/i;
const refusedCredentials = /SASL|password|authentication/i;

/**
 * A PortError for whatever pg threw, saying what, where, why (SQLSTATE, key names) and what next.
 * The server's own message, its detail and the cause are left out: they can hold row values.
 * Anything that pg does not throw is a bug and comes back as it is.
 */
export function toPortError(error: unknown, context: PostgresFaultContext): Error {
  if (error instanceof PortError) return error;
  if (error instanceof DatabaseError) return fromServer(error, context);
  if (!isErrorLike(error)) return new Error(`${context.what}: something that is no error was thrown`);
  const systemCode = typeof error.code === 'string' ? error.code : undefined;
  const where = `${context.what} on ${context.target}`;
  const next = 'check that the server runs and can be reached, then try again';
  if (systemCode !== undefined && /^E[A-Z]+$/.test(systemCode)) {
    return new PortError('TargetUnavailable', `${where}: no connection (${systemCode}); ${next}`);
  }
  if (error.name === 'AggregateError' || (error.name === 'Error' && brokenConnection.test(error.message))) {
    return new PortError('TargetUnavailable', `${where}: the connection broke or did not answer in time; ${next}`);
  }
  if (error.name === 'Error' && refusedCredentials.test(error.message)) {
    return new PortError('Rejected', `${where}: the log-in fails; check the secret behind the DSN`);
  }
  return error;
}

/** By shape: an error of Node's own need not be an instance of the `Error` that is visible here. */
function isErrorLike(error: unknown): error is Error & { readonly code?: unknown } {
  return typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
}

/** The SQLSTATE of an error that the server sent; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

function fromServer(error: DatabaseError, context: PostgresFaultContext): PortError {
  const sqlState = error.code ?? 'unknown';
  const { code, meaning, next } = explainSqlState(sqlState);
  const where = `${context.what} on ${context.target}`;
  const place = context.source === undefined ? '' : `${placeOf(error, context.source)}: `;
  const why = `${meaning}${near(error)} (SQLSTATE ${sqlState}${keysOf(error)})`;
  if (context.row === undefined) return new PortError(code, `${where}: ${place}${why}; ${next}`);
  // A row that always fails is a matter for people, whatever the fault is called.
  const mend = 'mend that row, or let the statement take it, and start a new release; the rows before it are done';
  return new PortError('Rejected', `${where}: ${place}row ${context.row}: ${why}; ${mend}`);
}

/** Names only: neither can hold the value of a row. */
function keysOf({ table, constraint, column }: DatabaseError): string {
  const keys = { table, constraint, column };
  return Object.entries(keys)
    .flatMap(([kind, name]) => (name === undefined ? [] : [`, ${kind} ${name}`]))
    .join('');
}

/** The text in which the server quotes our own SQL; statements built inside the database can quote rows. */
function near({ code, message, where, internalQuery }: DatabaseError): string {
  const quotesOurText = code?.startsWith('42') === true && where === undefined && internalQuery === undefined;
  return quotesOurText ? `: ${message}` : '';
}

function placeOf({ position }: DatabaseError, { path, sql, prefixLength = 0, line }: SqlSource): string {
  if (position === undefined) return line === undefined ? path : `${path}:${line}`;
  // The server counts characters from 1, JavaScript strings count UTF-16 units.
  const before = [...sql].slice(0, Math.max(0, Number(position) - 1 - prefixLength)).join('');
  const lines = before.split('\n');
  return `${path}:${lines.length}:${[...(lines.at(-1) ?? '')].length + 1}`;
}
