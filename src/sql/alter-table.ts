import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';
import { nameText, quoted, relationName } from './names';
import type { SqlStatement } from './parse';

/** One command of an `alter table`, with the table it is about. */
export type TableCommand = {
  /** As the statement writes it. */
  readonly table: string;
  readonly command: AlterTableCmd;
  /** `table.name` of the column or constraint. */
  readonly subject: string;
  /** Where it stands in the file: the parser gives most commands no place of their own. */
  readonly offset: number;
};

const known = new WeakMap<SqlStatement, readonly TableCommand[]>();

/** The commands of an `alter table`; none of any other statement, nor of an `alter view` or `alter index`. */
export function tableCommands(statement: SqlStatement): readonly TableCommand[] {
  // Most rules ask for them, and their places have to be looked for in the text.
  const found = known.get(statement) ?? readCommands(statement);
  known.set(statement, found);
  return found;
}

function readCommands(statement: SqlStatement): readonly TableCommand[] {
  const { node, offset } = statement;
  if (!('AlterTableStmt' in node) || !isTable(node.AlterTableStmt.objtype)) return [];
  const { relation, cmds = [] } = node.AlterTableStmt;
  const { name: relationOnly } = relationName(relation);
  const table = nameText(relationName(relation));
  let from = (relation?.location === undefined ? offset : statement.offsetOf(relation.location)) + relationOnly.length;
  return cmds.flatMap((each) => {
    if (!('AlterTableCmd' in each)) return [];
    const command = each.AlterTableCmd;
    const location = locationOf(command);
    const found = location === undefined ? findName(command.name, { statement, from }) : statement.offsetOf(location);
    const name = command.name ?? columnOf(command)?.colname ?? constraintOf(command)?.conname;
    if (found !== undefined) from = (findName(name, { statement, from: found }) ?? found) + (name?.length ?? 0);
    return {
      table,
      command,
      subject: name === undefined ? table : `${table}.${quoted(name)}`,
      offset: found ?? offset,
    };
  });
}

function locationOf(command: AlterTableCmd): number | undefined {
  const { def } = command;
  const partition = def !== undefined && 'PartitionCmd' in def ? def.PartitionCmd.name?.location : undefined;
  return columnOf(command)?.location ?? constraintOf(command)?.location ?? partition;
}

/** Where a name stands next; the parser keeps no place for it, so it is looked for as a whole word. */
function findName(
  name: string | undefined,
  { statement, from }: { readonly statement: SqlStatement; readonly from: number },
): number | undefined {
  if (name === undefined || name === '') return undefined;
  const text = statement.text.toLowerCase();
  const word = name.toLowerCase();
  const isPartOfName = (character: string | undefined): boolean => character !== undefined && /[\w$]/.test(character);
  for (let at = text.indexOf(word, from - statement.offset); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isPartOfName(text[at - 1]) && !isPartOfName(text[at + word.length])) return statement.offset + at;
  }
  return undefined;
}

const isTable = (kind: string | undefined): boolean => kind === 'OBJECT_TABLE' || kind === 'OBJECT_FOREIGN_TABLE';

/** The column that a command adds or changes. */
export const columnOf = ({ def }: AlterTableCmd): ColumnDef | undefined =>
  def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined;

/** The constraint that a command adds. */
export const constraintOf = ({ def }: AlterTableCmd): Constraint | undefined =>
  def !== undefined && 'Constraint' in def ? def.Constraint : undefined;

/** The constraints that stand in a list of them. */
export const constraintsIn = (nodes: readonly Node[] | undefined): readonly Constraint[] =>
  (nodes ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));

export const has = (column: ColumnDef, type: Constraint['contype']): boolean =>
  constraintsIn(column.constraints).some(({ contype }) => contype === type);
