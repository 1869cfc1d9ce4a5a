import { field, itemsOf, nameOf, statementsOf, textOf } from './tree';

/** What a contract file takes away together with its values; a schema is there only where the file writes one. */
export type Removal = { readonly schema?: string; readonly table: string; readonly column?: string };

export type ContractFile = {
  readonly removals: readonly Removal[];
  /** Names of functions, views, triggers, policies and constraints that the file drops itself: they are no readers of the old form. */
  readonly dropped: readonly string[];
  /** Statements whose loss no copy of a column or table can make good, each with its place and what to write instead. */
  readonly unkeepable: readonly { readonly line: number; readonly why: string }[];
};

const asTable = (parts: readonly string[]): Removal | undefined => {
  const [table, schema] = [...parts].reverse();
  return table === undefined ? undefined : { ...(schema === undefined ? {} : { schema }), table };
};

function ofAlterTable(node: unknown): readonly Removal[] {
  const relation = field(node, 'relation');
  const table = asTable(
    [textOf(relation, 'schemaname'), textOf(relation, 'relname')].filter((part) => part !== undefined),
  );
  if (table === undefined || textOf(node, 'objtype') !== 'OBJECT_TABLE') return [];
  return itemsOf(node, 'cmds').flatMap((each) => {
    const command = field(each, 'AlterTableCmd');
    const column = textOf(command, 'name');
    return textOf(command, 'subtype') === 'AT_DropColumn' && column !== undefined ? [{ ...table, column }] : [];
  });
}

const droppedConstraints = (node: unknown): readonly string[] =>
  itemsOf(node, 'cmds').flatMap((each) => {
    const command = field(each, 'AlterTableCmd');
    return textOf(command, 'subtype') === 'AT_DropConstraint' ? (textOf(command, 'name') ?? []) : [];
  });

const objectName = (object: unknown): readonly string[] => {
  const list = field(object, 'List');
  return list === undefined
    ? nameOf(itemsOf(field(object, 'ObjectWithArgs'), 'objname'))
    : nameOf(itemsOf(list, 'items'));
};

/** Why the values that a statement changes or takes away could not be brought back from a copy. */
function whyUnkeepable(kind: string, node: unknown): string | undefined {
  if (kind === 'DoStmt') return '`do` hides what it removes; write the statements themselves';
  if (kind === 'TruncateStmt') return '`truncate` takes every row; drop the table, or take it out';
  if (kind === 'DeleteStmt' || kind === 'UpdateStmt' || kind === 'MergeStmt')
    return 'it changes rows in place; do that in a backfill, which has an undo';
  if (kind === 'DropStmt') {
    if (textOf(node, 'behavior') === 'DROP_CASCADE')
      return '`cascade` removes what the file does not name; drop each object by its name';
    if (textOf(node, 'removeType') === 'OBJECT_SCHEMA') return 'it drops a schema; drop its tables by their names';
    return undefined;
  }
  if (kind !== 'AlterTableStmt') return undefined;
  const commands = itemsOf(node, 'cmds').map((each) => field(each, 'AlterTableCmd'));
  if (commands.some((command) => textOf(command, 'subtype') === 'AT_AlterColumnType'))
    return 'it changes a type in place; fill a new column of the new type and drop the old one';
  if (
    commands.some(
      (command) => textOf(command, 'subtype') === 'AT_DropColumn' && textOf(command, 'behavior') === 'DROP_CASCADE',
    )
  )
    return '`cascade` removes what the file does not name; drop each object by its name';
  return undefined;
}

/** The parser counts bytes, and a statement from the end of the one before it. */
const lineAt = (sql: string, byte: number): number => {
  const before = new TextDecoder().decode(new TextEncoder().encode(sql).slice(0, byte));
  const rest = sql.slice(before.length);
  return `${before}${rest.slice(0, rest.length - rest.trimStart().length)}`.split('\n').length;
};

/** Reads what a contract file removes out of its parse tree. */
export function readContractFile(tree: unknown, sql: string): ContractFile {
  const statements = statementsOf(tree);
  const drops = statements.filter(({ kind }) => kind === 'DropStmt');
  const tables = drops.filter(({ node }) => textOf(node, 'removeType') === 'OBJECT_TABLE');
  const others = drops.filter(({ node }) => textOf(node, 'removeType') !== 'OBJECT_TABLE');
  const objectsOf = ({ node }: { readonly node: unknown }) => itemsOf(node, 'objects').map(objectName);
  return {
    removals: [
      ...statements.flatMap(({ kind, node }) => (kind === 'AlterTableStmt' ? ofAlterTable(node) : [])),
      ...tables.flatMap(objectsOf).flatMap((name) => asTable(name) ?? []),
    ],
    dropped: [
      ...others.flatMap(objectsOf).flatMap((name) => name.at(-1) ?? []),
      ...statements.flatMap(({ kind, node }) => (kind === 'AlterTableStmt' ? droppedConstraints(node) : [])),
    ],
    unkeepable: statements.flatMap(({ kind, node, offset }) => {
      const why = whyUnkeepable(kind, node);
      return why === undefined ? [] : [{ line: lineAt(sql, offset), why }];
    }),
  };
}
