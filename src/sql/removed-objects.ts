import type { DropStmt } from 'libpg-query';
import { listedName, objectWords, relationName, type QualifiedName } from './names';
import type { SqlStatement } from './parse';
import type { Place } from './places';

/** A table or column that a statement drops, and where. */
export type RemovedObject = {
  /** Where the statement begins. */
  readonly place: Place;
  /** The table (or view) that is dropped, or that loses the column. */
  readonly table: QualifiedName;
  /** The column; undefined where the whole table goes. */
  readonly column?: string;
};

/** Every table, view and column that the statements drop, in their order. */
export function removedObjects(statements: readonly SqlStatement[]): readonly RemovedObject[] {
  return statements.flatMap((statement) => removedBy(statement));
}

const relations: ReadonlySet<DropStmt['removeType']> = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
]);

function removedBy({ node, line, column }: SqlStatement): readonly RemovedObject[] {
  const place = { line, column };
  if ('DropStmt' in node && relations.has(node.DropStmt.removeType)) {
    return (node.DropStmt.objects ?? []).map((object) => ({ place, table: listedName(objectWords(object)) }));
  }
  if (!('AlterTableStmt' in node)) return [];
  const table = relationName(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((command) =>
    'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_DropColumn'
      ? [{ place, table, column: command.AlterTableCmd.name ?? '' }]
      : [],
  );
}
