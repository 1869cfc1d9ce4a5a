const kinds: { readonly [expected: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'a map of `key: value` lines',
  record: 'a map of `key: value` lines',
};

/** What zod expected, in words of a YAML file. */
export function wantedKind(expected: string): string {
  return kinds[expected] ?? expected;
}

/** What a value is, in the same words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return wantedKind('array');
  return wantedKind(typeof value);
}

// A connection string put in the wrong place would carry its password into logs.
const mayBeSecret = /[@\\=]|:\S/;

/** A value as an error may quote it: short, and never anything that may be a secret. */
export function shownText(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'number' ? String(value) : 'this';
  return value.length > 40 || mayBeSecret.test(value) ? 'this text' : JSON.stringify(value);
}
