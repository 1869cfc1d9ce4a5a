/** One thing wrong with a file, where it is, why it is wrong and what to do. `line` and `column` count from 1. */
export type Issue = {
  /** Stable name in words, e.g. `percent-out-of-range`. */
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, e.g. `stages[1].canaryPercent`; empty for the file itself. */
  readonly path: string;
  /** What is wrong and why. */
  readonly message: string;
  readonly fix: string;
};

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] };

export type DocumentPath = readonly (string | number)[];

/** An issue that knows its place in the document but not yet its line. */
export type Finding = {
  readonly code: string;
  readonly path: DocumentPath;
  /** Whether the key or what it holds is wrong; the value when left out. */
  readonly at?: 'key' | 'value';
  /** Offset into the text, where the path alone does not say which of two. */
  readonly offset?: number;
  readonly message: string;
  readonly fix: string;
};

const mostIssues = 50;

/** The issues in the order of their places, at most 50. */
export function sortIssues(issues: readonly Issue[]): readonly Issue[] {
  const told = new Set<string>();
  const once = issues.filter((issue) => {
    const text = formatIssue(issue);
    const isNew = !told.has(text);
    told.add(text);
    return isNew;
  });
  return once.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, mostIssues);
}

/** An issue about a file as a whole. */
export function fileIssue(file: string, { code, message, fix }: Pick<Issue, 'code' | 'message' | 'fix'>): Issue {
  return { code, file, line: 1, column: 1, path: '', message, fix };
}

/** `stages[1].canaryPercent`. */
export function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

// A file may hold escape sequences that would otherwise reach somebody's terminal.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line: `release.yaml:6:13 percent-out-of-range stages[1].canaryPercent: what and why; fix`. */
export function formatIssue(issue: Issue): string {
  const where = issue.path === '' ? issue.code : `${issue.code} ${issue.path}`;
  const line = `${issue.file}:${issue.line}:${issue.column} ${where}: ${issue.message}; ${issue.fix}`;
  return line.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
