import type { z } from 'zod';
import { fileIssue, pathText, sortIssues, type DocumentPath, type Issue, type Parsed } from './issue';
import { findJsonFault } from './json-syntax';
import { jsonPlace, placeAt } from './json-place';
import { schemaFindings } from './schema-findings';

type Words = Pick<Issue, 'code' | 'message' | 'fix'>;

/** An issue at a path of a JSON text. */
export const jsonIssue = (file: string, text: string, path: DocumentPath, words: Words): Issue => ({
  file,
  ...jsonPlace(text, path),
  path: pathText(path),
  ...words,
});

/** Reads JSON and holds it against a schema; tells everything wrong at once, with line and column. */
export function checkJson<S extends z.ZodType>(
  schema: S,
  { text, file }: { readonly text: string; readonly file: string },
): Parsed<z.output<S>> {
  const words = { code: 'not-json', message: 'this is not JSON', fix: 'mend what stands here, or before it' };
  if (text.trim() === '') return { ok: false, issues: [fileIssue(file, { ...words, message: 'the file is empty' })] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, issues: [{ ...fileIssue(file, words), ...placeAt(text, findJsonFault(text) ?? 0) }] };
  }
  const held = schema.safeParse(value);
  if (held.success) return { ok: true, value: held.data };
  const found = schemaFindings(held.error.issues, { schema, value, base: [] }).slice(0, 50);
  return { ok: false, issues: sortIssues(found.map(({ path, ...rest }) => jsonIssue(file, text, path, rest))) };
}
