import { ChangeRefusal } from './refusal';

/** The longest name PostgreSQL keeps, in bytes of UTF-8; it cuts longer ones without a word. */
const longestNameBytes = 63;

export type TableName = { readonly schema: string; readonly name: string };

const parts = /"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/uy;

/** A name as SQL, so that no letter of it means anything. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const quoteTable = ({ schema, name }: TableName): string => `${quoteName(schema)}.${quoteName(name)}`;

/** Text as a literal, whatever `standard_conforming_strings` says. */
export const quoteText = (text: string): string => {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
};

/** A name inside a `--` comment: a line end in it would end the comment. */
export const inComment = (name: string): string => name.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');

/** Bytes of UTF-8: core has no Buffer. */
const byteLength = (text: string): number =>
  [...text].reduce((sum, letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return sum + (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
  }, 0);

/**
 * Splits a dotted name as SQL reads it: unquoted parts in lower case, quoted ones letter by letter.
 * @throws ChangeRefusal `name-not-sql`
 */
function splitName(text: string): readonly string[] {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    parts.lastIndex = at;
    const match = parts.exec(text);
    if (match === null) throw notAName(text);
    const name = match[1]?.replaceAll('""', '"') ?? match[2]?.toLowerCase() ?? '';
    if (byteLength(name) > longestNameBytes || name.includes('\0'))
      throw new ChangeRefusal(
        'name-not-sql',
        `${inComment(text)} is longer than the ${longestNameBytes} bytes that PostgreSQL keeps of a name.`,
      );
    found.push(name);
    at = parts.lastIndex;
    if (at === text.length) return found;
    if (text[at] !== '.') throw notAName(text);
    at += 1;
  }
}

const notAName = (text: string): ChangeRefusal =>
  new ChangeRefusal(
    'name-not-sql',
    `${JSON.stringify(text)} is no SQL name; put a name with other signs than letters, digits and _ into double quotes, as in '"Order Items"'.`,
  );

/** `orders`, `shop.orders` or `"My Shop"."Orders"`; the schema is `public` when left out. */
export function readTableName(text: string): TableName {
  const [first, second, ...more] = splitName(text);
  if (first === undefined || more.length > 0) throw notAName(text);
  return second === undefined ? { schema: 'public', name: first } : { schema: first, name: second };
}

export function readColumnName(text: string): string {
  const [name, ...more] = splitName(text);
  if (name === undefined || more.length > 0) throw notAName(text);
  return name;
}

/** FNV-1a over UTF-16 units: tells two long names apart that are cut to the same beginning. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** A name made of others that PostgreSQL keeps whole. */
export function objectName(prefix: string, base: string, suffix: string): string {
  const whole = `${prefix}${base}${suffix}`;
  if (byteLength(whole) <= longestNameBytes) return whole;
  const mark = `_${fingerprint(base)}`;
  const room = longestNameBytes - byteLength(prefix) - byteLength(suffix) - mark.length;
  const letters = [...base];
  while (byteLength(letters.join('')) > room) letters.pop();
  return `${prefix}${letters.join('')}${mark}${suffix}`;
}
