import { CST, Lexer } from 'yaml';
import { utf8ToBytes } from '@noble/hashes/utils';
import { fileIssue, sortIssues, type Issue } from './issue';
import { createDepth } from './guard-depth';

export const maxDepth = 64;

/** How long a file may be. */
export type FileLimits = {
  readonly maxFileBytes: number;
  /** Words, marks, spaces and line ends. They bound the time the parser takes, during which nothing else runs. */
  readonly maxTokens: number;
};

/** For what a stranger may hand in: descriptors, and the files they name. */
export const strangersLimits: FileLimits = { maxFileBytes: 256_000, maxTokens: 30_000 };
/** For what the worker's own people write: an environment of some thousand services is read once, when it starts. */
export const ownersLimits: FileLimits = { maxFileBytes: 4_000_000, maxTokens: 600_000 };

type Refusal = Pick<Issue, 'code' | 'message' | 'fix'>;

const refusedTokens: { readonly [token: string]: Refusal } = {
  anchor: {
    code: 'anchor-refused',
    message: 'anchors (&name) are refused because they hide what a file says',
    fix: 'write the value out, or quote it if it is text that begins with &',
  },
  alias: {
    code: 'alias-refused',
    message: 'aliases (*name) are refused because a few of them can grow into gigabytes',
    fix: 'write the value out, or quote it if it is text that begins with *',
  },
  tag: {
    code: 'tag-refused',
    message: 'tags (!name) are refused because they change what a value means',
    fix: 'take the tag out, or quote the value if it is text that begins with !',
  },
  'directive-line': {
    code: 'directive-refused',
    message: 'directives (%NAME) are refused; the files are always YAML 1.2',
    fix: 'take the line out',
  },
};

/**
 * What makes a text unfit for the YAML parser. It runs before the parser because deep nesting can abort the whole
 * process there, uncatchably; the lexer it uses does not recurse.
 */
export function guardText(text: string, file: string, limits: FileLimits = strangersLimits): readonly Issue[] {
  const whole = refuseWhole(text, limits);
  if (whole !== undefined) return [fileIssue(file, whole)];
  const strange = findStrangeCharacter(text, file);
  return strange === undefined ? sortIssues(scanTokens(text, file, limits)) : [strange];
}

function refuseWhole(text: string, { maxFileBytes }: FileLimits): Refusal | undefined {
  const bytes = text.length > maxFileBytes ? text.length : utf8ToBytes(text).length;
  if (bytes > maxFileBytes) {
    return {
      code: 'file-too-large',
      message: `the file is larger than ${thousands(maxFileBytes / 1_000)} kB`,
      fix: 'keep SQL in files of its own and one release in one file; split an environment that large in two',
    };
  }
  if (text.trim() !== '') return undefined;
  return emptyFile;
}

export const emptyFile: Refusal = {
  code: 'file-empty',
  message: 'the file says nothing',
  fix: '`spillway init` writes one to start from',
};

// YAML allows few control characters; the lexer uses some of the others as its own marks.
const strange = /[^\t\n\r -~\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

function findStrangeCharacter(text: string, file: string): Issue | undefined {
  const found = strange.exec(text);
  if (found === null) return undefined;
  const before = text.slice(0, found.index).split('\n');
  const shown = (found[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0');
  return {
    code: 'control-character',
    file,
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
    path: '',
    message: `the character U+${shown.toUpperCase()} is no text`,
    fix: 'save the file as plain UTF-8 text',
  };
}

const tooDeep: Refusal = {
  code: 'nested-too-deeply',
  message: `the file nests deeper than ${maxDepth} levels here`,
  fix: 'a descriptor needs about six; close the brackets or mend the indentation',
};
const tooManyTokens = ({ maxTokens }: FileLimits): Refusal => ({
  code: 'too-many-tokens',
  message: `the file has more than ${thousands(maxTokens)} words and marks`,
  fix: 'one release needs a few hundred, one service of an environment some hundred; write less',
});
const thousands = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
// The parser would go on inside the open bracket, where its depth could no longer be told from here.
const openBracket: Refusal = {
  code: 'bracket-open',
  message: 'the line is indented too little for the bracket that is still open before it',
  fix: 'close the bracket',
};
/** Tokens that may stand before the first document. */
const outside = new Set<string | null>(['space', 'newline', 'comment', 'directive-line']);
const secondDocument: Refusal = {
  code: 'several-documents',
  message: 'a second document begins here, and a file holds exactly one',
  fix: 'move it to a file of its own',
};

function scanTokens(text: string, file: string, limits: FileLimits): readonly Issue[] {
  const issues: Issue[] = [];
  const depth = createDepth(text);
  const place = { offset: 0, line: 1, lineStart: 0 };
  let hasBegun = false;
  let tokens = 0;
  let isScalar = false;
  const report = (refusal: Refusal): void => {
    issues.push({ file, line: place.line, column: place.offset - place.lineStart + 1, path: '', ...refusal });
  };
  for (const source of new Lexer().lex(text)) {
    const token: string | null = isScalar ? null : CST.tokenType(source);
    isScalar = token === 'scalar';
    if (token === 'scalar') continue;
    tokens += 1;
    if (tokens > limits.maxTokens) {
      report(tooManyTokens(limits));
      return issues;
    }
    const refusal = (token === null ? undefined : refusedTokens[token]) ?? refuseTab(token, source, text, place);
    if (refusal !== undefined) report(refusal);
    if (token === 'flow-error-end') {
      report(openBracket);
      return issues;
    }
    depth.step(token, place);
    if (depth.now() > maxDepth) {
      report(tooDeep);
      return issues;
    }
    const isNext = token === 'doc-start' || token === 'doc-mode';
    if (isNext && hasBegun) {
      report(secondDocument);
      return issues;
    }
    hasBegun ||= token === 'doc-start' || (token !== 'doc-mode' && !outside.has(token));
    if (token !== 'doc-mode') advance(place, source);
  }
  return issues;
}

function refuseTab(
  token: string | null,
  source: string,
  text: string,
  place: { readonly offset: number; readonly lineStart: number },
): Refusal | undefined {
  if (token !== 'space' || !source.includes('\t')) return undefined;
  if (!/^ *$/.test(text.slice(place.lineStart, place.offset))) return undefined;
  if (/^(?:[\r\n#]|$)/.test(text.slice(place.offset + source.length).slice(0, 1))) return undefined;
  return tabRefusal;
}

export const tabRefusal: Refusal = {
  code: 'tab-indentation',
  message: 'the line is indented with a tab, which YAML does not count',
  fix: 'indent with spaces',
};

function advance(place: { offset: number; line: number; lineStart: number }, source: string): void {
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) {
    place.line += 1;
    place.lineStart = place.offset + at + 1;
  }
  place.offset += source.length;
}
