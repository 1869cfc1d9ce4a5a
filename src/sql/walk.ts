import { nodesOfKind } from './node-index';

/** Whether `isWanted` holds for any node below; told by the name of the node and its fields, without recursion. */
export function holds(
  tree: unknown,
  isWanted: (kind: string, fields: { readonly [field: string]: unknown }) => boolean,
): boolean {
  const open: unknown[] = [tree];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) {
      for (const each of next) open.push(each);
    } else if (isFields(next)) {
      for (const [kind, value] of Object.entries(next)) {
        if (isFields(value) && isWanted(kind, value)) return true;
        if (typeof value === 'object') open.push(value);
      }
    }
  }
  return false;
}

/** The names of all functions called below, each with its schema where one is written, in lower case. */
export const functionsCalled = (tree: unknown): readonly (readonly string[])[] =>
  nodesOfKind(tree, 'FuncCall').map(({ funcname }) => (Array.isArray(funcname) ? funcname.map(wordOf) : []));

/** The numbers of all parameters below, each once. */
export function parametersOf(tree: unknown): readonly number[] {
  const numbers = nodesOfKind(tree, 'ParamRef').flatMap(({ number }) => (typeof number === 'number' ? [number] : []));
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The names of all columns below, each once; a name without its table. */
export const columnsNamed = (tree: unknown): readonly string[] => [
  ...new Set(
    nodesOfKind(tree, 'ColumnRef').flatMap(({ fields }) => (Array.isArray(fields) ? [wordOf(fields.at(-1))] : [])),
  ),
];

function wordOf(node: unknown): string {
  const word: unknown = isFields(node) ? node.String : undefined;
  return isFields(word) && typeof word.sval === 'string' ? word.sval : '';
}

/** Every `null` is left out before it gets here: the parser writes none. */
const isFields = (value: unknown): value is { readonly [field: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
