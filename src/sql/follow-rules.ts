import { setImmediate } from 'node:timers/promises';
import type { Node } from 'libpg-query';
import type { SqlRole, StatementLocks } from '../core/plan/sql-report';
import { stopsWriters } from './lock-words';
import { locksOf } from './locks';
import type { SqlStatement } from './parse';
import { sqlRules } from './rules';
import type { Hit, Rule } from './rules/rule';
import { followFile } from './story';

/** One rule that a statement breaks, and where. */
type Found = { readonly rule: Rule; readonly hit: Hit; readonly statement: SqlStatement };

/** After so many statements whoever shares the process, such as the watch of another release, goes first: some 10 ms. */
const statementsInARow = 100;

/** Goes through a file statement by statement: which rules of its role each one breaks, and which locks it takes. */
export async function followRules(
  statements: readonly SqlStatement[],
  role: SqlRole,
  before: readonly Node[],
): Promise<{ readonly found: readonly Found[]; readonly locks: readonly StatementLocks[] }> {
  const rules = sqlRules.filter(({ roles }) => roles.includes(role));
  const { story, enter, pass } = followFile(statements, before);
  const found: Found[] = [];
  const locks: StatementLocks[] = [];
  for (const [at, statement] of statements.entries()) {
    if (at % statementsInARow === 0) await setImmediate();
    const { node } = statement;
    enter(statement);
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
