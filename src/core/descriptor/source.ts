import { LineCounter, parseDocument, type Document } from 'yaml';
import { withoutCredentials } from '../secrets/credential-shapes';
import { guardText, type FileLimits } from './guard';
import { pathText, sortIssues, type DocumentPath, type Finding, type Issue, type Parsed } from './issue';
import { readNode, type Place } from './source-node';
import { syntaxWords } from './syntax';

/** A YAML file read to plain data that remembers where everything stands. */
export type Source = {
  readonly file: string;
  /** The whole text, comments and all; offsets count in it. */
  readonly text: string;
  readonly value: unknown;
  readonly root: Place;
  /** What reading alone already found wrong. */
  readonly findings: readonly Finding[];
  readonly locate: (finding: Finding) => Issue;
};

/** Reads YAML as text from a stranger: guarded, strict, without coercions. */
export function readSource(text: string, file: string, limits?: FileLimits): Parsed<Source> {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  const unfit = guardText(plain, file, limits);
  if (unfit.length > 0) return { ok: false, issues: unfit };
  const lines = new LineCounter();
  const document = parseDocument(plain, {
    lineCounter: lines,
    // Quieter than this, and a second document would go unnoticed.
    logLevel: 'error',
    merge: false,
    prettyErrors: false,
    resolveKnownTags: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: false,
    version: '1.2',
  });
  const broken = syntaxIssues(document, { file, lines });
  if (broken.length > 0) return { ok: false, issues: sortIssues(broken) };
  const { value, place, findings } = readNode(document.contents, lines);
  const locate = (finding: Finding): Issue => ({
    code: finding.code,
    file,
    ...positionOf(place, finding, lines),
    // A name or a word that is quoted may be a secret in the wrong place.
    path: withoutCredentials(pathText(finding.path)),
    message: withoutCredentials(finding.message),
    fix: withoutCredentials(finding.fix),
  });
  return { ok: true, value: { file, text: plain, value, root: place, findings, locate } };
}

function syntaxIssues(document: Document.Parsed, { file, lines }: { file: string; lines: LineCounter }): Issue[] {
  return [...document.errors, ...document.warnings].map((problem) => {
    const { line, col } = lines.linePos(problem.pos[0]);
    return { file, line, column: col, path: '', ...syntaxWords(problem.code) };
  });
}

/** The place a path leads to, or undefined where the file ends before it. */
export function placeAt(root: Place, path: DocumentPath): Place | undefined {
  return path.reduce<Place | undefined>((place, part) => place?.children.get(part), root);
}

function positionOf(
  root: Place,
  { path, at, offset: known }: Finding,
  lines: LineCounter,
): { readonly line: number; readonly column: number } {
  let place = root;
  let isThere = true;
  for (const part of path) {
    const child = place.children.get(part);
    isThere = child !== undefined;
    if (child === undefined) break;
    place = child;
  }
  // What is missing is shown at the key that should hold it.
  const offset = known ?? (isThere && at !== 'key' ? place.valueAt : (place.keyAt ?? place.valueAt));
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
