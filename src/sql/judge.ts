import type { Node } from 'libpg-query';
import type { Issue } from '../core/descriptor/issue';
import { knownNames } from '../core/nearest-name';
import type { SqlAllowance, SqlReport, SqlRole } from '../core/plan/sql-report';
import { readDirectives, type Directive } from './allowances';
import { followRules } from './follow-rules';
import { builtIndex } from './index-build';
import { parseSql, type SqlStatement, type SqlText } from './parse';
import { readPlaces, type Place, type Places } from './places';
import { sqlRules } from './rules';
import type { Hit } from './rules/rule';
import { parametersOf } from './walk';

type Words = Pick<Issue, 'code' | 'message' | 'fix'>;

/**
 * Holds a file against every rule of its role; also says which locks its statements take.
 * `before` are the statements of the files that run before it in the same migration.
 */
export async function judgeSql(file: SqlText, role: SqlRole, before: readonly Node[] = []): Promise<SqlReport> {
  const parsed = await parseSql(file);
  return parsed.ok ? judgeStatements(parsed.value, { file, role, before }) : unread(parsed.issues);
}

/** The report about a file that is no SQL. */
export const unread = (issues: readonly Issue[]): SqlReport => ({ issues, allowances: [], statements: [] });

/** As `judgeSql`, for a file that is parsed. */
export async function judgeStatements(
  statements: readonly SqlStatement[],
  { file, role, before }: { readonly file: SqlText; readonly role: SqlRole; readonly before: readonly Node[] },
): Promise<SqlReport> {
  const places = readPlaces(file.sql);
  const issueAt = (place: Place, words: Words): Issue => ({
    ...words,
    file: file.path,
    line: place.line,
    column: place.column,
    path: '',
  });
  const whole = wrongCount(statements.length, role);
  if (whole !== undefined) {
    return { issues: [issueAt(statements[1] ?? { line: 1, column: 1 }, whole)], allowances: [], statements: [] };
  }
  const { found, locks } = await followRules(statements, role, before);
  const directives = readDirectives(file.sql, statements);
  const allowed = new Set(directives.filter(({ reason }) => reason !== undefined).map((each) => nameOf(each)));
  const broken = new Set(found.map(({ rule, statement }) => nameOf({ rule: rule.code, statement })));
  const issues = [
    ...found
      .filter(
        ({ rule, statement }) => rule.mayBeAllowed === false || !allowed.has(nameOf({ rule: rule.code, statement })),
      )
      .map(({ rule: { code, danger, instead }, hit, statement }) =>
        issueAt(placeOf(hit, statement, places), { code, message: `${hit.subject} ${danger}`, fix: instead }),
      ),
    ...directives.flatMap((each) => {
      const words = wrongDirective(each, broken);
      return words === undefined ? [] : [issueAt(places.placeOf(each.offset), words)];
    }),
  ];
  return {
    issues: issues.sort((a, b) => a.line - b.line || a.column - b.column),
    allowances: directives.flatMap((each) => allowanceOf(each, broken, places)),
    statements: locks,
    ...(role === 'backfill' ? { parameters: parametersOf(statements.map(({ node }) => node)) } : {}),
    ...(role === 'index' ? { builds: statements.map(builtIndex)[0] } : {}),
  };
}

/** One rule at one statement. */
const nameOf = ({ rule, statement }: Pick<Directive, 'rule' | 'statement'>): string =>
  `${statement?.offset ?? 'none'} ${rule ?? ''}`;

function wrongCount(count: number, role: SqlRole): Words | undefined {
  if (count === 0) {
    return { code: 'sql-empty', message: 'the file holds no statement', fix: 'write one, or do not name the file' };
  }
  if (count === 1) return undefined;
  if (role === 'index') {
    const message = `a file of \`indexes\` must build one index, this one holds ${count} statements`;
    return { code: 'not-an-index-build', message, fix: 'give each index a file of its own, and other SQL to `expand`' };
  }
  if (role !== 'check') return undefined;
  return {
    code: 'sql-not-one-query',
    message: `a check must be one query, this file holds ${count} statements`,
    fix: 'join them by `union all`, or give each a file of its own',
  };
}

function placeOf({ offset, location }: Hit, statement: SqlStatement, places: Places): Place {
  return offset === undefined ? statement.placeOf(location) : places.placeOf(offset);
}

const howToAllow = 'write `-- spillway: allow RULE because REASON` on a line of its own right above the statement';

function wrongDirective({ rule, reason, statement }: Directive, broken: ReadonlySet<string>): Words | undefined {
  if (rule === undefined || reason === undefined) {
    const message = 'a comment to Spillway that allows nothing: it names no rule, or no reason';
    return { code: 'sql-allowance-malformed', message, fix: howToAllow };
  }
  const known = sqlRules.find(({ code }) => code === rule);
  if (known === undefined) {
    const message = `there is no rule ${rule}. ${knownNames(
      rule,
      sqlRules.map(({ code }) => code),
    )}`;
    return { code: 'sql-allowance-unknown', message, fix: 'name the rule that the refusal names' };
  }
  if (known.mayBeAllowed === false) {
    const message = `${rule} cannot be allowed: a reason would not make the statement work`;
    return { code: 'sql-allowance-impossible', message, fix: known.instead };
  }
  if (broken.has(nameOf({ rule, statement }))) return undefined;
  const message = `the statement below it does not break ${rule}, or none stands below it`;
  return { code: 'sql-allowance-unused', message, fix: 'take it out, or move it right above the statement' };
}

function allowanceOf(directive: Directive, broken: ReadonlySet<string>, places: Places): readonly SqlAllowance[] {
  const { rule, reason, offset } = directive;
  if (rule === undefined || reason === undefined || wrongDirective(directive, broken) !== undefined) return [];
  return [{ rule, reason, line: places.placeOf(offset).line }];
}
