import { z } from 'zod';
import { PortError } from '../ports/errors';

export type JsonObject = { readonly [key: string]: unknown };

const object = z.record(z.string(), z.unknown());
const stringOrInteger = /"(?:[^"\\]|\\.)*"|-?\d+(?![\d.eE])/g;

/**
 * The bytes of a file that is read, changed and written back, as one JSON object.
 * @throws PortError `Rejected`, naming `where`, for anything else and for numbers that would come out changed.
 */
export function parseJsonObject(bytes: Uint8Array, where: string): JsonObject {
  const text = decode(bytes, where);
  const parsed = object.safeParse(parseJson(text, where));
  if (!parsed.success) {
    throw new PortError(
      'Rejected',
      `${where}: the document is not a JSON object; nothing was changed, mend it by hand`,
    );
  }
  const lossy = text.match(stringOrInteger)?.find((token) => token[0] !== '"' && !Number.isSafeInteger(Number(token)));
  if (lossy === undefined) return parsed.data;
  const why = `${lossy} has more digits than a JSON number keeps when it is read and written`;
  throw new PortError('Rejected', `${where}: ${why}; write it as a string`);
}

function decode(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new PortError('Rejected', `${where}: the document is not UTF-8 text; save it as UTF-8`);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw new PortError('Rejected', `${where}: the document is not JSON; nothing was changed, mend it by hand`);
  }
}
