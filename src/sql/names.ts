import type { Node, RangeVar } from 'libpg-query';

/** A name as a statement writes it; folded to lower case where it stood without quotes. */
export type QualifiedName = { readonly schema?: string; readonly name: string };

const plain = /^[a-z_][a-z0-9_$]*$/;

/** `orders`, `sales.orders` or `"Odd name"`: as SQL would take it. */
export function nameText({ schema, name }: QualifiedName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

export const quoted = (name: string): string => (plain.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

/** The name of a table, view or other relation. */
export function relationName(relation: RangeVar | undefined): QualifiedName {
  const name = relation?.relname ?? '';
  return relation?.schemaname === undefined ? { name } : { schema: relation.schemaname, name };
}

/** The name that a list of words makes, such as that of a function or of an object to drop. */
export function listedName(words: readonly Node[] | undefined): QualifiedName {
  const parts = wordsOf(words);
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  return schema === undefined ? { name } : { schema, name };
}

/** The texts of a list of words. */
export function wordsOf(words: readonly Node[] | undefined): readonly string[] {
  return (words ?? []).flatMap((word) => ('String' in word ? [word.String.sval ?? ''] : []));
}

/** The words of an object of `drop`, `comment` and the like, whatever shape the parser gives them. */
export function objectWords(object: Node | undefined): readonly Node[] {
  if (object === undefined) return [];
  if ('List' in object) return object.List.items ?? [];
  if ('TypeName' in object) return object.TypeName.names ?? [];
  if ('ObjectWithArgs' in object) return object.ObjectWithArgs.objname ?? [];
  return [object];
}
