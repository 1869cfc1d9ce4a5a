/** One statement of a file. `words` is its text without comments, literals and quoted names, in lower case. */
export type Statement = { readonly sql: string; readonly words: string };

/** Comments, literals and quoted names: whatever can hold a semicolon that ends nothing. */
const opaque = /--[^\n]*|\/\*|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|\bE'|'|"|;/giu;

/** Splits SQL at the semicolons that end statements; statements of comments alone are left out. */
export function splitStatements(sql: string): readonly Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let words = '';
  let at = 0;
  const finish = (end: number) => {
    const text = words.trim().replace(/\s+/g, ' ').toLowerCase();
    if (text !== '') statements.push({ sql: sql.slice(start, end), words: text });
    words = '';
  };
  while (at < sql.length) {
    const found = nextOpaque(sql, at);
    if (found === undefined) break;
    words += sql.slice(at, found.index);
    at = endOf(sql, found.index, found.text);
    if (found.text === ';' && !isInsideBody(words)) {
      finish(found.index);
      start = at;
    } else {
      words += ' ';
    }
  }
  words += sql.slice(at);
  finish(sql.length);
  return statements;
}

/** The body of `create function … begin atomic … end` holds semicolons of its own. */
function isInsideBody(words: string): boolean {
  return /\bbegin\s+atomic\b/i.test(words) && !/\bend\s*$/i.test(words);
}

function nextOpaque(sql: string, from: number): { readonly index: number; readonly text: string } | undefined {
  opaque.lastIndex = from;
  for (let match = opaque.exec(sql); match !== null; match = opaque.exec(sql)) {
    // `a$1$` is a name with dollar signs in it, not the start of a literal.
    const isInsideName = match[0].startsWith('$') && /[\w$\u0080-\uffff]/.test(sql[match.index - 1] ?? '');
    if (!isInsideName) return { index: match.index, text: match[0] };
  }
  return undefined;
}

function endOf(sql: string, index: number, text: string): number {
  const after = index + text.length;
  if (text === ';' || text.startsWith('--')) return after;
  if (text === '/*') return endOfComment(sql, after);
  if (text.startsWith('$')) return endAfter(sql, text, after);
  if (text.length === 2) return endOfMatch(sql, /(?:[^'\\]|\\[^]|'')*'/y, after);
  return endAfter(sql, text, after);
}

function endAfter(sql: string, closing: string, from: number): number {
  const end = sql.indexOf(closing, from);
  return end < 0 ? sql.length : end + closing.length;
}

function endOfMatch(sql: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(sql) ? pattern.lastIndex : sql.length;
}

function endOfComment(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  let depth = 1;
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

const outsideTransactions: readonly (readonly [RegExp, string])[] = [
  [/^(create|drop) (unique )?index concurrently\b|^reindex .*\bconcurrently\b/, 'CONCURRENTLY'],
  [/^(begin|start transaction|commit|end|rollback|abort|prepare transaction)\b(?! to\b)/, 'transaction control'],
  [/^(vacuum|create database|drop database|create tablespace|drop tablespace|alter system)\b/, 'a statement'],
  [/^(copy .* (from|to) (stdin|stdout)|listen|unlisten)\b/, 'a statement that talks to the client'],
];

/** Why a file cannot run inside the one transaction of its part; undefined when it can. */
export function whyNotInTransaction(statements: readonly Statement[]): string | undefined {
  for (const { words } of statements) {
    const found = outsideTransactions.find(([pattern]) => pattern.test(words));
    if (found !== undefined) return `it holds ${found[1]} (\`${words.split(' ').slice(0, 4).join(' ')}\`)`;
  }
  return undefined;
}
