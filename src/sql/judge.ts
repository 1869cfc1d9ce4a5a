import type { Issue } from '../core/descriptor/issue';
import { knownNames } from '../core/nearest-name';
import type { SqlAllowance, SqlReport, SqlRole, StatementLocks } from '../core/plan/sql-report';
import { readDirectives, type Directive } from './allowances';
import { builtIndex } from './index-build';
import { stopsWriters } from './lock-words';
import { locksOf } from './locks';
import { parseSql, type SqlStatement, type SqlText } from './parse';
import { readPlaces, type Place, type Places } from './places';
import { sqlRules } from './rules';
import type { Hit, Rule } from './rules/rule';
import { followFile } from './story';
import { parametersOf } from './walk';

type Found = { readonly rule: Rule; readonly hit: Hit; readonly statement: SqlStatement };
type Words = Pick<Issue, 'code' | 'message' | 'fix'>;

/** Holds a file against every rule of its role; also says which locks its statements take. */
export async function judgeSql(file: SqlText, role: SqlRole): Promise<SqlReport> {
  const parsed = await parseSql(file);
  if (!parsed.ok) return { issues: parsed.issues, allowances: [], statements: [] };
  const statements = parsed.value;
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
  const { found, locks } = follow(statements, role);
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

function follow(
  statements: readonly SqlStatement[],
  role: SqlRole,
): { readonly found: readonly Found[]; readonly locks: readonly StatementLocks[] } {
  const rules = sqlRules.filter(({ roles }) => roles.includes(role));
  const { story, pass } = followFile(statements);
  const found: Found[] = [];
  const locks: StatementLocks[] = [];
  for (const statement of statements) {
    const { node } = statement;
    for (const rule of rules) {
      for (const hit of rule.hits({ node, statement, role, story })) found.push({ rule, hit, statement });
    }
    const taken = locksOf(statement, story);
    if (taken.length > 0) locks.push({ line: statement.line, statement: opening(statement.text), locks: taken });
    pass(
      statement,
      taken.filter(({ mode }) => stopsWriters(mode)).map(({ relation }) => relation),
    );
  }
  return { found, locks };
}

const longestOpening = 60;

/** The beginning of a statement in one line, without what a terminal would obey. */
function opening(text: string): string {
  const line = text.slice(0, 400).replace(/[\s\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ');
  const characters = [...line];
  return characters.length <= longestOpening ? line.trim() : `${characters.slice(0, longestOpening - 1).join('')}…`;
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
