import type { Constraint, Node } from 'libpg-query';
import { columnOf, constraintOf, constraintsIn } from './alter-table';
import { nameText, relationName, wordsOf } from './names';
import { columnsNamed } from './walk';

/** A constraint of a table by its name, as it is written. */
export type NamedConstraint = { readonly table: string; readonly name: string; readonly constraint: Constraint };

/** What one statement adds to a table that is there, or makes with a new one. */
export type Made = {
  /** Tables and sequences that are new for sure. */
  readonly relations: readonly string[];
  readonly columns: readonly { readonly table: string; readonly column: string }[];
  readonly constraints: readonly NamedConstraint[];
};

/** `if not exists` may leave an old table or column, full of values, where the file believes a new one to be. */
export function readMade(node: Node): Made {
  if ('CreateStmt' in node) {
    const { relation, if_not_exists: isMaybeThere, constraints, tableElts } = node.CreateStmt;
    const table = nameText(relationName(relation));
    const own = [...constraintsIn(constraints), ...constraintsIn(tableElts)];
    return {
      ...nothing,
      relations: isMaybeThere === true ? [] : [table],
      constraints: own.map((constraint) => named(table, constraint)),
    };
  }
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.if_not_exists !== true) {
    return { ...nothing, relations: [nameText(relationName(node.CreateTableAsStmt.into?.rel))] };
  }
  if ('CreateSeqStmt' in node && node.CreateSeqStmt.if_not_exists !== true) {
    return { ...nothing, relations: [nameText(relationName(node.CreateSeqStmt.sequence))] };
  }
  if (!('AlterTableStmt' in node)) return nothing;
  const { relation, cmds = [] } = node.AlterTableStmt;
  const table = nameText(relationName(relation));
  const commands = cmds.flatMap((each) => ('AlterTableCmd' in each ? [each.AlterTableCmd] : []));
  return {
    relations: [],
    columns: commands.flatMap((command) => {
      const column = command.subtype === 'AT_AddColumn' ? columnOf(command)?.colname : undefined;
      return column === undefined || command.missing_ok === true ? [] : [{ table, column }];
    }),
    constraints: commands.flatMap((command) => {
      const constraint = command.subtype === 'AT_AddConstraint' ? constraintOf(command) : undefined;
      return constraint === undefined ? [] : [named(table, constraint)];
    }),
  };
}

const nothing: Made = { relations: [], columns: [], constraints: [] };

/** PostgreSQL names what nobody named after the table and, where it is about one only, the column. */
function named(table: string, constraint: Constraint): NamedConstraint {
  const isNotNull = constraint.contype === 'CONSTR_NOTNULL';
  const columns = isNotNull ? wordsOf(constraint.keys) : columnsNamed(constraint.raw_expr);
  const [column, ...more] = columns;
  const base = table.slice(table.lastIndexOf('.') + 1);
  const about = column === undefined || more.length > 0 ? base : `${base}_${column}`;
  return { table, constraint, name: constraint.conname ?? `${about}_${isNotNull ? 'not_null' : 'check'}` };
}

/** Whether two texts name one relation, where no schema means `public`. */
export const isSame = (a: string, b: string): boolean => bare(a) === bare(b);

const bare = (name: string): string => name.replace(/^public\./, '');
