/** The fields of a parsed node. */
export type Fields = { readonly [field: string]: unknown };

const known = new WeakMap<object, ReadonlyMap<string, readonly Fields[]>>();

function nodesByKind(tree: unknown): ReadonlyMap<string, readonly Fields[]> {
  if (!isObject(tree)) return new Map();
  const found = known.get(tree) ?? readIndex(tree);
  known.set(tree, found);
  return found;
}

/**
 * The nodes of one kind below, such as `FuncCall`. A tree is gone through once, however many rules ask, and without
 * recursion, however deep it is.
 */
export const nodesOfKind = (tree: unknown, kind: string): readonly Fields[] => nodesByKind(tree).get(kind) ?? [];

function readIndex(tree: Fields): ReadonlyMap<string, readonly Fields[]> {
  const index = new Map<string, Fields[]>();
  const open: Fields[] = [tree];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // Of an array these are its places; nothing else is as fast for millions of small objects.
    for (const key in next) {
      const value = next[key];
      if (!isObject(value)) continue;
      open.push(value);
      if (isKind(key)) note(index, key, value);
    }
  }
  return index;
}

function note(index: Map<string, Fields[]>, kind: string, fields: Fields): void {
  const others = index.get(kind);
  if (others === undefined) index.set(kind, [fields]);
  else others.push(fields);
}

/** Kinds begin with a capital, and fields do not. */
const isKind = (key: string): boolean => key.charCodeAt(0) >= 65 && key.charCodeAt(0) <= 90;

/** Every `null` is left out before it gets here: the parser writes none. */
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
