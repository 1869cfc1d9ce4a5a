import { createHash } from 'node:crypto';
import { asJson, type Json } from '../../core/json';
import type { ConfigurationValues } from '../../ports/configuration';
import { PortError } from '../../ports/errors';
import { parseJsonObject, type JsonObject } from '../json-object';

/** `sha256:…` of the bytes, or `absent`. */
export const digestOf = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? 'absent' : `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The document with `set` merged in at the top level (`null` removes a key), as bytes; the same input, the same bytes. */
export function mergeDocument(document: JsonObject, set: ConfigurationValues): Buffer {
  const keys = new Map(Object.entries(document));
  for (const [key, value] of Object.entries(set)) {
    if (value === null) keys.delete(key);
    else keys.set(key, value);
  }
  return Buffer.from(`${JSON.stringify(Object.fromEntries(keys), null, 2)}\n`);
}

/** Whether every key of `set` reads back; `null` reads back as a missing key. Nothing reads back from what is no document. */
export function hasValues(bytes: Uint8Array | undefined, set: ConfigurationValues): boolean {
  const document = documentIn(bytes);
  if (document === undefined) return false;
  return Object.entries(set).every(([key, value]) =>
    value === null ? !Object.hasOwn(document, key) : Object.hasOwn(document, key) && document[key] === value,
  );
}

function documentIn(bytes: Uint8Array | undefined): JsonObject | undefined {
  try {
    return bytes && parseJsonObject(bytes, 'document');
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}

/** What the document has for each key; a key that it does not have is left out. */
export const readKeys = (document: JsonObject, keys: readonly string[]): ReadonlyMap<string, Json> =>
  new Map(keys.flatMap((key) => (Object.hasOwn(document, key) ? [[key, asJson(document[key])] as const] : [])));
