import type { Issue } from '../descriptor/issue';
import type { SqlPart } from './effects';

/** What a SQL file is for; it decides which statements are safe in it. Checks and invariants are `check`. */
export type SqlRole = SqlPart | 'undo' | 'check';

export type LockMode =
  | 'ACCESS SHARE'
  | 'ROW SHARE'
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE';

/** A lock that a statement takes on what was there before; it is held until the part ends. */
export type TakenLock = {
  readonly relation: string;
  readonly mode: LockMode;
  /** In words: what waits meanwhile. */
  readonly blocks: string;
};

export type StatementLocks = {
  readonly line: number;
  /** The beginning of the statement, in one line. */
  readonly statement: string;
  readonly locks: readonly TakenLock[];
};

/** A danger that the file accepts on purpose, by a comment. */
export type SqlAllowance = { readonly rule: string; readonly reason: string; readonly line: number };

/** What the parser found out about one file in one role. */
export type SqlReport = {
  /** What is refused; `file` is the path in the bundle. */
  readonly issues: readonly Issue[];
  readonly allowances: readonly SqlAllowance[];
  readonly statements: readonly StatementLocks[];
  /** The tool that the file is written for: of dbmate's the part for the role was read, of umzug's, which is code, nothing. */
  readonly tool?: 'dbmate' | 'umzug' | 'pgroll';
  /** Numbers of the parameters (`$1`) that its statements take. */
  readonly parameters?: readonly number[];
  /** The index that a file of `indexes` builds, as SQL would take its name; undefined where it builds none. */
  readonly builds?: string | undefined;
};

/** The reports of a bundle, each by `sqlReportKey`. */
export type SqlReports = { readonly [key: string]: SqlReport };

export const sqlReportKey = (role: SqlRole, path: string): string => `${role} ${path}`;
