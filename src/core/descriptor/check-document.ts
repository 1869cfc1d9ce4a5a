import type { z } from 'zod';
import { fileIssue, pathText, sortIssues, type Finding, type Parsed } from './issue';
import { schemaFindings } from './schema-findings';
import { valueAt } from './schema-at';
import { emptyFile, ownersLimits, strangersLimits } from './guard';
import { readSource, type Source } from './source';

type FileKind = 'descriptor' | 'environment' | 'policy' | 'sentinel';

export type DocumentKind<S extends z.ZodType> = {
  readonly kind: FileKind;
  readonly schema: S;
  /** Rules across fields; they see the document even when the schema refuses it. */
  readonly rules: (source: Source) => readonly Finding[];
};

/** A document that passed, with where it says what. */
export type Checked<T> = { readonly value: T; readonly source: Source };

/** Reads a text and holds it against the schema and the rules of its kind; tells everything wrong at once. */
export function checkDocument<S extends z.ZodType>(
  { kind, schema, rules }: DocumentKind<S>,
  { text, file }: { readonly text: string; readonly file: string },
): Parsed<Checked<z.infer<S>>> {
  const read = readSource(text, file, kind === 'descriptor' ? strangersLimits : ownersLimits);
  if (!read.ok) return read;
  const source = read.value;
  const other = otherKind(source.value, kind);
  if (other !== undefined) {
    const message = `this is ${article[other]} file, and ${article[kind]} is expected here`;
    return { ok: false, issues: [fileIssue(file, { code: 'wrong-file', message, fix: `name the ${kind} file` })] };
  }
  if (source.value === null) return { ok: false, issues: [fileIssue(file, emptyFile)] };
  const ruled = rules(source);
  const early = [...ruled, ...withoutRepeats(source.findings, ruled)];
  const held = schema.safeParse(source.value);
  const late = held.success ? [] : schemaFindings(held.error.issues, { schema, value: source.value, base: [] });
  const findings = [...early, ...withoutRepeats(late, early)];
  if (findings.length > 0) return { ok: false, issues: sortIssues(findings.map(source.locate)) };
  if (held.success) return { ok: true, value: { value: held.data, source } };
  const words = { code: 'not-accepted', message: 'the file is not accepted', fix: 'compare it with the schema' };
  return { ok: false, issues: [fileIssue(file, words)] };
}

/** A rule says more about a place than reading or the schema do, and one sentence about a place is enough. */
function withoutRepeats(late: readonly Finding[], early: readonly Finding[]): readonly Finding[] {
  const told = new Set(early.map(({ path }) => pathText(path)));
  return late.filter(({ path, offset }) => {
    // A repeated key has the path of its first place but stands elsewhere.
    const place = offset === undefined ? pathText(path) : `${pathText(path)}@${offset}`;
    const isNew = !told.has(place);
    told.add(place);
    return isNew;
  });
}

const named: readonly FileKind[] = ['environment', 'policy', 'sentinel'];

function otherKind(value: unknown, expected: FileKind): FileKind | undefined {
  const kind = valueAt(value, ['kind']);
  return named.find((each) => each === kind && each !== expected);
}

const article: { readonly [kind in FileKind]: string } = {
  descriptor: 'a descriptor',
  environment: 'an environment',
  policy: 'a policy',
  sentinel: 'a sentinel',
};
