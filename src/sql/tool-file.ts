import { isPgrollPath } from '../core/pgroll/read-file';
import type { SqlReport, SqlRole } from '../core/plan/sql-report';
import type { SqlText } from './parse';

const up = /^--\s*migrate:up.*$/m;
const down = /^--\s*migrate:down.*$/m;

/** Parts that a tool of the environment may run; all other SQL is Spillway's own to run. */
const toolRoles: readonly SqlRole[] = ['expand', 'switch', 'contract', 'undo'];

/** The tool that a file is written for; undefined for plain SQL. */
export function toolOf({ path, sql }: SqlText, role: SqlRole): SqlReport['tool'] {
  if (!toolRoles.includes(role)) return undefined;
  if (isPgrollPath(path)) return 'pgroll';
  if (/\.[cm]?[jt]s$/.test(path)) return 'umzug';
  return up.test(sql) ? 'dbmate' : undefined;
}

/** What dbmate runs of a file in a role; everything else is blank, so that places stay what they were. */
export function dbmateSection(sql: string, role: SqlRole): string {
  const begin = (up.exec(sql)?.index ?? 0) + (up.exec(sql)?.[0].length ?? 0);
  const way = down.exec(sql);
  const middle = way?.index ?? sql.length;
  const [from, to] =
    role === 'undo' ? [way === null ? sql.length : middle + way[0].length, sql.length] : [begin, middle];
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  return `${blank(sql.slice(0, from))}${sql.slice(from, to)}${blank(sql.slice(to))}`;
}
