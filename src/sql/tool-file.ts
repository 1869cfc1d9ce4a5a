import { isPgrollPath } from '../core/pgroll/read-file';
import type { SqlReport, SqlRole } from '../core/plan/sql-report';
import { blankOut } from './blank-out';
import { readDbmateWays } from './dbmate-file';
import type { SqlText } from './parse';

/** Parts that a tool of the environment may run; all other SQL is Spillway's own to run. */
const toolRoles: readonly SqlRole[] = ['expand', 'switch', 'contract', 'undo'];

/** The tool that a file is written for; undefined for plain SQL. */
export function toolOf({ path, sql }: SqlText, role: SqlRole): SqlReport['tool'] {
  if (!toolRoles.includes(role)) return undefined;
  if (isPgrollPath(path)) return 'pgroll';
  if (/\.[cm]?[jt]s$/.test(path)) return 'umzug';
  return readDbmateWays(sql).up === undefined ? undefined : 'dbmate';
}

/** What dbmate runs of a file in a role; everything else is blank, so that places stay what they were. */
export function dbmateSection(sql: string, role: SqlRole): string {
  const { up, down } = readDbmateWays(sql);
  const [from, to] =
    role === 'undo' ? [down?.bodyAt ?? sql.length, sql.length] : [up?.bodyAt ?? 0, down?.at ?? sql.length];
  return `${blankOut(sql.slice(0, from))}${sql.slice(from, to)}${blankOut(sql.slice(to))}`;
}
