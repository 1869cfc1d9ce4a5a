import type { Issue } from '../descriptor/issue';
import type { SqlAllowance, SqlReport, SqlRole } from '../plan/sql-report';
import { readPgrollFile } from './read-file';
import { findHits } from './rules';

const directive = /^\s*#\s*spillway\s*:\s*allow\s+([\w-]+)\s+because\s+(\S.*?)\s*$/i;

/** Holds a file of pgroll against what is known to go wrong with it, in the role that the descriptor gives it. */
export function judgePgroll(text: { readonly path: string; readonly sql: string }, role: SqlRole): SqlReport {
  const issue = (code: string, line: number, message: string, fix: string): Issue => ({
    code,
    file: text.path,
    line,
    column: 1,
    path: '',
    message,
    fix,
  });
  const read = readPgrollFile(text);
  const report = (issues: readonly Issue[], allowances: readonly SqlAllowance[] = []): SqlReport => ({
    issues,
    allowances,
    statements: [],
    tool: 'pgroll',
  });
  if (!read.ok)
    return report([
      issue('pgroll-not-read', read.line, `as a migration of pgroll, ${read.why}`, 'write it as pgroll does'),
    ]);
  if (role === 'switch')
    return report([
      issue(
        'pgroll-no-switch',
        1,
        'pgroll has no step between start and complete',
        'leave `switch` out, or write it in plain SQL',
      ),
    ]);
  // It is the same file each way, and said once.
  if (role !== 'expand') return report([]);
  const hits = findHits(read.file);
  const allowances = readAllowances(text.sql);
  const isAllowed = (rule: string, line: number): boolean =>
    allowances.some((each) => each.rule === rule && each.line === line - 1);
  const broken = hits.filter(({ rule, line, mayBeAllowed }) => !mayBeAllowed || !isAllowed(rule, line));
  const used = allowances.filter(({ rule, line }) =>
    hits.some((each) => each.mayBeAllowed && each.rule === rule && each.line - 1 === line),
  );
  const unused = allowances.filter((each) => !used.includes(each));
  return report(
    [
      ...broken.map(({ rule, line, message, fix }) => issue(rule, line, message, fix)),
      ...unused.map(({ rule, line }) =>
        issue(
          'pgroll-nothing-to-allow',
          line,
          `the comment allows \`${rule}\`, and the line below it does not need that`,
          'take the comment out, or put it right above the operation',
        ),
      ),
    ],
    used,
  );
}

const readAllowances = (text: string): readonly SqlAllowance[] =>
  text.split('\n').flatMap((line, index) => {
    const [, rule, reason] = directive.exec(line) ?? [];
    return rule === undefined || reason === undefined ? [] : [{ rule, reason, line: index + 1 }];
  });
