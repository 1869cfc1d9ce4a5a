import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Json } from '../json';
import { isRecord } from './is-record';

/** One operation of a file of pgroll, such as `alter_column`. */
export type PgrollOperation = {
  readonly name: string;
  readonly body: { readonly [key: string]: Json };
  readonly line: number;
};

/** A migration as pgroll reads it. */
export type PgrollFile = {
  /** What pgroll calls it in its table: the name of the file without its ending. */
  readonly name: string;
  /** The end of the name of the schema that clients of the new version see: `NAME` of `public_NAME`. */
  readonly version: string;
  readonly operations: readonly PgrollOperation[];
};

export type ReadPgroll =
  | { readonly ok: true; readonly file: PgrollFile }
  | { readonly ok: false; readonly line: number; readonly why: string };

const ending = /\.(ya?ml|json)$/;

/** Whether a file is one of pgroll by its name: its migrations are YAML or JSON, and no SQL is. */
export const isPgrollPath = (path: string): boolean => ending.test(path);

/** The schema that clients of the new version must set as their search path. */
export const versionSchemaOf = (schema: string, { version }: PgrollFile): string => `${schema}_${version}`;

/** Reads a migration of pgroll as far as it has to be known what `start` and `complete` will do. */
export function readPgrollFile({ path, sql }: { readonly path: string; readonly sql: string }): ReadPgroll {
  const lines = new LineCounter();
  // Aliases could grow without bound, and pgroll reads `no` and `on` in the way of YAML 1.1.
  const document = parseDocument(sql, { lineCounter: lines, version: '1.1', schema: 'yaml-1.1' });
  const lineAt = (offset: number | undefined): number => (offset === undefined ? 1 : lines.linePos(offset).line);
  const [fault] = document.errors;
  if (fault !== undefined) return { ok: false, line: lineAt(fault.pos[0]), why: 'it is neither YAML nor JSON' };
  if (!isMap(document.contents)) return { ok: false, line: 1, why: 'it has no list `operations`' };
  const content: unknown = document.toJS({ maxAliasCount: 0 });
  const listed = isRecord(content) ? content['operations'] : undefined;
  if (!isRecord(content) || !Array.isArray(listed) || listed.length === 0)
    return { ok: false, line: 1, why: 'it has no list `operations`' };
  const operations: PgrollOperation[] = [];
  for (const [index, one] of listed.entries()) {
    const node: unknown = document.getIn(['operations', index], true);
    const line = lineAt(isMap(node) ? rangeStart(node.range) : undefined);
    const [name, ...others] = isRecord(one) ? Object.keys(one) : [];
    const body = name !== undefined && isRecord(one) ? one[name] : undefined;
    if (name === undefined || others.length > 0 || !isRecord(body))
      return { ok: false, line, why: `operation ${index + 1} is not one name with its settings` };
    operations.push({ name, body, line });
  }
  const versionNode: unknown = document.getIn(['version_schema'], true);
  const version = isScalar(versionNode) ? String(versionNode.value) : undefined;
  const name = (path.split('/').at(-1) ?? path).replace(ending, '');
  return { ok: true, file: { name, version: version ?? name, operations } };
}

const rangeStart = (range: readonly number[] | null | undefined): number | undefined => range?.[0];
