import type { PortErrorCode } from '../../ports/errors';

export type SqlStateMeaning = {
  readonly code: PortErrorCode;
  readonly meaning: string;
  /** What a person can do about it. */
  readonly next: string;
};

const unavailable = (meaning: string, next: string): SqlStateMeaning => ({ code: 'TargetUnavailable', meaning, next });
const rejected = (meaning: string, next: string): SqlStateMeaning => ({ code: 'Rejected', meaning, next });

/** Whole states first, then classes (two characters): the first that begins a state explains it. */
const meanings: readonly (readonly [string, SqlStateMeaning])[] = [
  ['25006', unavailable('the server takes no writes now (a standby, or read only)', 'point the DSN at the primary')],
  ['25P03', unavailable('the session was ended for being idle', 'try again')],
  ['28', rejected('the server refuses the user or password', 'check the secret behind the DSN')],
  ['3D000', rejected('the database does not exist', 'create it or correct the DSN')],
  ['40001', unavailable('another transaction changed the same rows', 'try again')],
  ['40P01', unavailable('another transaction waits for this one and this one for it', 'try again')],
  ['40003', unavailable('the connection broke before the outcome was known', 'try again')],
  ['42501', rejected('the user lacks the privilege', 'grant it to the user of the DSN')],
  ['53100', unavailable('the disk of the server is full', 'make room, then try again')],
  ['53300', unavailable('the server has no connection left', 'wait, or raise max_connections')],
  ['53', unavailable('the server is short of resources', 'look at the server, then try again')],
  ['55000', unavailable('the database takes no sessions now, or an object is not ready for this', 'try again')],
  ['55P03', unavailable('a lock was not free in time', 'end the session that holds it, or try at a calmer time')],
  ['57014', unavailable('the statement ran out of time or was cancelled', 'raise statementTimeout or make it smaller')],
  ['57', unavailable('the server shut down, restarts or ended the session', 'try again when it is up')],
  ['58', unavailable('the operating system of the server reports a fault', 'look at the log of the server')],
  ['08', unavailable('the connection broke', 'check the network, then try again')],
  ['22', rejected('a value does not fit its type', 'correct the statement or the rows that it reads')],
  ['23502', rejected('a column would be null that may not be', 'correct the statement or the rows that it reads')],
  ['23503', rejected('a reference would lead to no row', 'correct the statement or the rows that it reads')],
  ['23505', rejected('a value would appear twice in a unique key', 'correct the statement or the rows that it reads')],
  ['23514', rejected('a check constraint would be broken', 'correct the statement or the rows that it reads')],
  ['23', rejected('a constraint would be broken', 'correct the statement or the rows that it reads')],
  ['42601', rejected('the SQL has a syntax error', 'correct the file')],
  ['42P01', rejected('the table or view does not exist', 'correct the file, or apply what it builds on first')],
  ['42703', rejected('the column does not exist', 'correct the file, or apply what it builds on first')],
  ['42P07', rejected('the table or index exists already', 'correct the file, or remove what is in its way')],
  ['42701', rejected('the column exists already', 'correct the file, or remove what is in its way')],
  ['42', rejected('the SQL is not valid here', 'correct the file')],
];

const other = rejected('the server refuses the statement', 'look the SQLSTATE up and at the log of the server');

/** What a SQLSTATE means to a caller. */
export function explainSqlState(sqlState: string): SqlStateMeaning {
  return meanings.find(([beginning]) => sqlState.startsWith(beginning))?.[1] ?? other;
}
