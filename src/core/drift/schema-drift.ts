/** Each object of a schema with a digest of its definition. */
type SchemaObjects = { readonly [object: string]: string };

/** How a schema differs from the one that a release found: the digest of each such object, null for one that is gone. */
export type SchemaChanges = { readonly [object: string]: string | null };

/** What the migrations of a release left, by target. */
export type SchemasLeft = { readonly [target: string]: SchemaChanges };

const prefix = 'schema/';

/** How the drift of a schema is called where that of a setting has the key of its effect. */
export const schemaKey = (target: string): string => `${prefix}${target}`;
/** The target of such a key; undefined for the key of an effect. */
export const targetOfSchema = (key: string): string | undefined =>
  key.startsWith(prefix) ? key.slice(prefix.length) : undefined;

const unionOf = (left: object, right: object): readonly string[] =>
  [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();

/** What became of the objects that `mayDiffer` accepts; any other is to be as it was found. */
export function changesSince(
  before: SchemaObjects,
  now: SchemaObjects,
  mayDiffer: (object: string) => boolean,
): SchemaChanges {
  const different = unionOf(before, now).filter((object) => before[object] !== now[object] && mayDiffer(object));
  return Object.fromEntries(different.map((object) => [object, now[object] ?? null]));
}

export type SchemaDifference = { readonly object: string; readonly is: 'new' | 'gone' | 'changed' };

/** What is not as `before` with the `left` changes. */
export function schemaDifferences(
  before: SchemaObjects,
  left: SchemaChanges,
  now: SchemaObjects,
): readonly SchemaDifference[] {
  const wanted = new Map<string, string | null>([...Object.entries(before), ...Object.entries(left)]);
  return unionOf(Object.fromEntries(wanted), now).flatMap((object): readonly SchemaDifference[] => {
    const was = wanted.get(object) ?? undefined;
    const is = now[object];
    if (was === is) return [];
    return [{ object, is: was === undefined ? 'new' : is === undefined ? 'gone' : 'changed' }];
  });
}

const mostNamed = 8;
/** What belongs to a table comes behind it. */
const isWhole = ({ object }: SchemaDifference): boolean => /^(schema|table|view) /.test(object);

/** One line of names, which are no secrets; what stands in definitions, such as defaults, is left out. */
export function describeDifferences(
  differences: readonly SchemaDifference[],
  lastChanges: { readonly [table: string]: readonly string[] },
): string {
  const inOrder = [...differences.filter(isWhole), ...differences.filter((each) => !isWhole(each))];
  const named = inOrder.slice(0, mostNamed).map(({ object, is }) => {
    const parts = is === 'changed' ? (lastChanges[object] ?? []) : [];
    return `${object} is ${is}${parts.length === 0 ? '' : ` (${parts.slice(0, mostNamed).join(', ')})`}`;
  });
  const more = inOrder.length - named.length;
  return `${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
