import type { z } from 'zod';
import { checkJson } from '../core/descriptor/check-json';
import { fileIssue, type Parsed } from '../core/descriptor/issue';
import { readText } from './read-text';

/** A file that was accepted, with its text, so that what is found wrong later still has its place. */
export type JsonFile<T> = { readonly value: T; readonly text: string };

/** Reads a JSON file of at most `maxBytes` and holds it against a schema. */
export async function readJsonFile<S extends z.ZodType>(
  file: string,
  schema: S,
  maxBytes: number,
): Promise<Parsed<JsonFile<z.output<S>>>> {
  const read = await readText(file, maxBytes);
  if (!read.ok) return { ok: false, issues: [fileIssue(file, read.words)] };
  const text = read.text.replace(/^\ufeff/, '');
  const checked = checkJson(schema, { text, file });
  return checked.ok ? { ok: true, value: { value: checked.value, text } } : checked;
}
