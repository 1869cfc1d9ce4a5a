import { ChangeRefusal } from './refusal';

/** How a column of the row in question is written: `"total"`, `new."total"`. */
export type ColumnRef = (column: string) => string;

/** A value computed from columns of one row. */
export type Expression = {
  /** The SQL, put into brackets where it has to be. */
  readonly sql: (ref: ColumnRef) => string;
  /** Whether nulls alone always give null. */
  readonly isStrict: boolean;
  /** The column that it only repeats. */
  readonly repeats?: string;
};

export const repeat = (column: string): Expression => ({
  sql: (ref) => ref(column),
  isStrict: true,
  repeats: column,
});

/** An expression of ours that gives null for null. */
export const strict = (sql: (ref: ColumnRef) => string): Expression => ({ sql, isStrict: true });

// Literals and quoted names first: whatever they hold is no bracket and no end.
const tokens = /\b[eE]'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|--|\/\*|[;()'"{}]/g;

/** Refuses what could end the place that the text is put into. */
export function checkSql(text: string, what: string): void {
  let depth = 0;
  for (const [token] of text.replaceAll(/\{[^{}]*\}/g, 'x').matchAll(tokens)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth < 0) throw notSql(what, 'closes a bracket that it did not open');
    if (token === ';') throw notSql(what, 'holds a semicolon');
    if (token === '--' || token === '/*') throw notSql(what, 'holds a comment');
    if (token === "'" || token === '"') throw notSql(what, 'leaves a quote open');
    if (token === '{' || token === '}') throw notSql(what, 'has a brace without a column: write {column}');
  }
  if (depth > 0) throw notSql(what, 'leaves a bracket open');
  if (text.trim() === '') throw notSql(what, 'is empty');
  if (text.includes('\0')) throw notSql(what, 'holds a NUL');
}

const notSql = (what: string, why: string): ChangeRefusal =>
  new ChangeRefusal('expression-not-sql', `${what} ${why}; write one SQL expression, such as lower({name}).`);

/**
 * An expression as a person writes it, with its columns as `{column}`.
 * @throws ChangeRefusal for a text that is no single expression, or that names another column.
 */
export function readExpression(text: string, columns: readonly string[], what: string): Expression {
  checkSql(text, what);
  const pieces: (string | { readonly column: string })[] = [];
  let at = 0;
  for (const match of text.matchAll(placeholders)) {
    const [token, , column] = match;
    if (column === undefined) continue;
    if (!columns.includes(column)) throw unknownColumn(what, column, columns);
    pieces.push(text.slice(at, match.index), { column });
    at = match.index + token.length;
  }
  pieces.push(text.slice(at));
  const own = /^\s*\{([^{}]*)\}\s*$/.exec(text)?.[1];
  const sql = (ref: ColumnRef) =>
    pieces
      .map((piece) => (typeof piece === 'string' ? piece : ref(piece.column)))
      .join('')
      .trim();
  return own === undefined ? { sql: (ref) => `(${sql(ref)})`, isStrict: false } : repeat(own);
}

const placeholders = /\b[eE]'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|\{([^{}]*)\}/g;

const unknownColumn = (what: string, column: string, columns: readonly string[]): ChangeRefusal =>
  new ChangeRefusal(
    'column-unknown',
    `${what} names {${column}}, and may only use ${columns.map((each) => `{${each}}`).join(', ')}.`,
  );
