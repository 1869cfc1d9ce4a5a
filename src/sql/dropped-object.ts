import type { DropStmt, Node, TypeName } from 'libpg-query';
import { listedName, objectWords, wordsOf, type QualifiedName } from './names';

/** One object that a `drop` names, with what it takes to find the one that is meant. */
export type DroppedObject =
  | ({ readonly kind: 'relation' } & QualifiedName)
  /** `types` are those of its arguments, each as SQL; undefined where the file names none. */
  | ({ readonly kind: 'function'; readonly types: readonly string[] | undefined } & QualifiedName)
  | { readonly kind: 'trigger' | 'policy' | 'constraint'; readonly name: string; readonly on: QualifiedName }
  | { readonly kind: 'publication'; readonly name: string };

const kinds: { readonly [kind in NonNullable<DropStmt['removeType']>]?: DroppedObject['kind'] } = {
  OBJECT_TABLE: 'relation',
  OBJECT_VIEW: 'relation',
  OBJECT_MATVIEW: 'relation',
  OBJECT_FOREIGN_TABLE: 'relation',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'function',
  OBJECT_ROUTINE: 'function',
  OBJECT_AGGREGATE: 'function',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_PUBLICATION: 'publication',
};

/** The objects of a `drop` on which something else could be built. */
export function readDropped({ removeType, objects = [] }: DropStmt): readonly DroppedObject[] {
  const kind = removeType === undefined ? undefined : kinds[removeType];
  return kind === undefined ? [] : objects.map((object) => readObject(kind, object));
}

function readObject(kind: DroppedObject['kind'], object: Node): DroppedObject {
  const words = objectWords(object);
  if (kind === 'relation') return { kind, ...listedName(words) };
  if (kind === 'function') return { kind, types: typesOf(object), ...listedName(words) };
  const name = wordsOf(words).at(-1) ?? '';
  return kind === 'publication' ? { kind, name } : { kind, name, on: listedName(words.slice(0, -1)) };
}

function typesOf(object: Node): readonly string[] | undefined {
  if (!('ObjectWithArgs' in object) || object.ObjectWithArgs.args_unspecified === true) return undefined;
  return (object.ObjectWithArgs.objargs ?? []).flatMap((each) => ('TypeName' in each ? [typeText(each.TypeName)] : []));
}

const typeText = ({ names, arrayBounds = [] }: TypeName): string =>
  `${wordsOf(names)
    .map((word) => `"${word.replaceAll('"', '""')}"`)
    .join('.')}${'[]'.repeat(arrayBounds.length)}`;
