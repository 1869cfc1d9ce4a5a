import type { SqlStatement } from './parse';

/** A comment that speaks to Spillway. */
export type Directive = {
  /** Where its dashes stand in the file. */
  readonly offset: number;
  readonly rule: string | undefined;
  readonly reason: string | undefined;
  /** The statement right below it; undefined where none follows, or where it stands behind another one. */
  readonly statement: SqlStatement | undefined;
};

const directive = /^--\s*spillway\s*:(.*)$/i;
const allow = /^\s*allow\s+([\w-]+)(?:\s+because\s+(\S.*?))?\s*$/i;

/** Every comment `-- spillway: …` between the statements of a file, with the statement below it. */
export function readDirectives(sql: string, statements: readonly SqlStatement[]): readonly Directive[] {
  const found: Directive[] = [];
  let from = 0;
  for (const statement of [...statements, undefined]) {
    const end = statement?.offset ?? sql.length;
    for (const { offset, text, isAlone } of lineComments(sql, { from, end })) {
      const [, words] = directive.exec(text) ?? [];
      if (words === undefined) continue;
      const [, rule, reason] = allow.exec(words) ?? [];
      found.push({ offset, rule, reason, statement: isAlone ? statement : undefined });
    }
    from = statement === undefined ? end : end + statement.text.length;
  }
  return found;
}

type LineComment = { readonly offset: number; readonly text: string; readonly isAlone: boolean };

/** The comments from `--` to the end of their line; between two statements there is nothing but comments. */
function lineComments(
  sql: string,
  { from, end }: { readonly from: number; readonly end: number },
): readonly LineComment[] {
  const comments: LineComment[] = [];
  let at = from;
  while (at < end) {
    if (sql.startsWith('--', at)) {
      const newline = sql.indexOf('\n', at);
      const stop = newline < 0 ? end : Math.min(newline, end);
      const lineStart = sql.lastIndexOf('\n', at - 1) + 1;
      const text = sql.slice(at, stop).replace(/\r$/, '');
      comments.push({ offset: at, text, isAlone: sql.slice(lineStart, at).trim() === '' });
      at = stop;
    } else if (sql.startsWith('/*', at)) {
      at = endOfBlock(sql, at);
    } else {
      at += 1;
    }
  }
  return comments;
}

/** Block comments nest. */
function endOfBlock(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  let depth = 0;
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}
