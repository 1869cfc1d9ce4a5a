/** One node of a PostgreSQL parse tree, as plain JSON: its kind is its only key. */
export const field = (node: unknown, key: string): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined;

export function textOf(node: unknown, key: string): string | undefined {
  const value = field(node, key);
  return typeof value === 'string' ? value : undefined;
}

export function itemsOf(node: unknown, key: string): readonly unknown[] {
  const value = field(node, key);
  return Array.isArray(value) ? value : [];
}

/** The parts of a qualified name: `shop.orders` → `['shop', 'orders']`. */
export const nameOf = (parts: readonly unknown[]): readonly string[] =>
  parts.flatMap((part) => textOf(field(part, 'String'), 'sval') ?? []);

/** Every node below, the node itself first. */
export function* nodesOf(node: unknown): Generator<unknown> {
  yield node;
  if (typeof node !== 'object' || node === null) return;
  const below: readonly unknown[] = Object.values(node);
  for (const each of below) yield* nodesOf(each);
}

/** The statements of a parsed text: what kind of node, the node, and where it begins. */
export function statementsOf(
  tree: unknown,
): readonly { readonly kind: string; readonly node: unknown; readonly offset: number }[] {
  return itemsOf(tree, 'stmts').flatMap((each) => {
    const statement = field(each, 'stmt');
    const [kind] = typeof statement === 'object' && statement !== null ? Object.keys(statement) : [];
    const offset = field(each, 'stmt_location');
    return kind === undefined
      ? []
      : [{ kind, node: field(statement, kind), offset: typeof offset === 'number' ? offset : 0 }];
  });
}
