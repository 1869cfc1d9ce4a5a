import type { Removal } from '../core/contract/removal';
import { field, itemsOf, nameOf, nodesOf, statementsOf, textOf } from './tree';

/** Statements that read or write rows; all others are work on the schema, or none. */
const onRows = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'DeclareCursorStmt',
  'PrepareStmt',
  'ExplainStmt',
  'CreateTableAsStmt',
]);

/** The tables that a statement itself reads from or writes to, not those of its sub-selects. */
function ownTables(statement: unknown): readonly unknown[] {
  const found: unknown[] = [];
  const look = (source: unknown): void => {
    const table = field(source, 'RangeVar');
    const join = field(source, 'JoinExpr');
    if (table !== undefined) found.push(table);
    if (join === undefined) return;
    look(field(join, 'larg'));
    look(field(join, 'rarg'));
  };
  itemsOf(statement, 'fromClause').forEach(look);
  itemsOf(statement, 'usingClause').forEach(look);
  look(field(statement, 'sourceRelation'));
  const relation = field(statement, 'relation');
  return relation === undefined ? found : [...found, relation];
}

const isTable = (node: unknown, { schema, table }: Removal): boolean => {
  const written = textOf(node, 'schemaname');
  return textOf(node, 'relname') === table && (written === undefined || schema === undefined || written === schema);
};

const aliasOf = (node: unknown): string | undefined =>
  textOf(field(node, 'alias'), 'aliasname') ?? textOf(node, 'relname');

/** Whether a name before a dot means the table: when it is one of its aliases, or none that the statement declares. */
const qualifies = (qualifier: string, ours: ReadonlySet<string>, all: ReadonlySet<string>): boolean =>
  ours.has(qualifier) || !all.has(qualifier);

/** Whether a statement gets or sets the value of every column of the table without naming them. */
function takesAll(statement: unknown, removal: Removal, ours: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  const isOwn = ownTables(statement).some((each) => isTable(each, removal));
  const outputs = [
    ...itemsOf(statement, 'targetList'),
    ...itemsOf(statement, 'returningList'),
    ...itemsOf(field(statement, 'returningClause'), 'exprs'),
  ];
  return outputs.some((output) => {
    const fields = itemsOf(field(field(field(output, 'ResTarget'), 'val'), 'ColumnRef'), 'fields');
    if (field(fields.at(-1), 'A_Star') === undefined) return false;
    const qualifier = nameOf(fields.slice(0, -1)).at(-1);
    return qualifier === undefined ? isOwn : qualifies(qualifier, ours, all);
  });
}

/** A join that compares columns by their names: all that both sides have, or those of its list. */
const joinsBy = (join: unknown, column: string): boolean =>
  field(join, 'isNatural') === true || nameOf(itemsOf(join, 'usingClause')).includes(column);

/** The text of a `do` block. */
const blockOf = (statement: unknown): string =>
  itemsOf(statement, 'args')
    .map((each) => textOf(field(field(field(each, 'DefElem'), 'arg'), 'String'), 'sval') ?? '')
    .join('\n');

/** `insert into t values (…)` and `copy t` mean every column there is. */
const isWhole = (kind: string, statement: unknown, removal: Removal): boolean =>
  isTable(field(statement, 'relation'), removal) &&
  ((kind === 'InsertStmt' && itemsOf(statement, 'cols').length === 0) ||
    (kind === 'CopyStmt' && itemsOf(statement, 'attlist').length === 0));

function namesColumn(fields: readonly unknown[], column: string, ours: ReadonlySet<string>, all: ReadonlySet<string>) {
  const parts = nameOf(fields);
  const [name, qualifier] = [...parts].reverse();
  // A row taken whole (`row_to_json(o)`) holds the column as well.
  if (parts.length === 1 && name !== undefined && ours.has(name)) return true;
  return name === column && (qualifier === undefined || qualifies(qualifier, ours, all));
}

/**
 * Whether a parsed text reads or writes what is to be removed: the column by its name, by `*`, as a whole row or by an
 * insert without columns, by a join over equal names; a table by its name. In doubt it does.
 */
export function touches(tree: unknown, removal: Removal): boolean {
  return statementsOf(tree).some(({ kind, node }) => {
    // Nobody reads its code, so the name of the table is enough.
    if (kind === 'DoStmt') return seemsToTouch(blockOf(node), { table: removal.table });
    if (!onRows.has(kind)) return false;
    const nodes = [...nodesOf({ [kind]: node })];
    const tables = nodes.flatMap((each) => [field(each, 'RangeVar'), field(each, 'relation')]);
    const meant = tables.filter((each) => isTable(each, removal));
    if (meant.length === 0) return false;
    const { column } = removal;
    if (column === undefined) return true;
    const aliases = (of: readonly unknown[]) => new Set(of.flatMap((each) => aliasOf(each) ?? []));
    const [ours, all] = [aliases(meant), aliases(tables)];
    return nodes.some((each) => {
      const inner = typeof each === 'object' && each !== null ? Object.keys(each) : [];
      return inner.some((name) => {
        const statement = field(each, name);
        if (onRows.has(name) && (isWhole(name, statement, removal) || takesAll(statement, removal, ours, all)))
          return true;
        if (name === 'JoinExpr' && joinsBy(statement, column)) return true;
        if (name === 'ColumnRef') return namesColumn(itemsOf(statement, 'fields'), column, ours, all);
        // Columns set or inserted, keys of `on conflict` and lists of `copy` are written without a table.
        if (name === 'ResTarget' || name === 'IndexElem') return textOf(statement, 'name') === column;
        return name === 'attlist' && nameOf(itemsOf(each, 'attlist')).includes(column);
      });
    });
  });
}

/** As `touches`, for a text that the parser does not read: by its words alone. */
export function seemsToTouch(text: string, { table, column }: Removal): boolean {
  const words = new Set(text.toLowerCase().split(/[^\p{L}\p{N}_$]+/u));
  if (!words.has(table.toLowerCase())) return false;
  return column === undefined || words.has(column.toLowerCase()) || text.includes('*');
}
