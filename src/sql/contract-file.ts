import type { AlterTableCmd, AlterTableStmt, DropStmt } from 'libpg-query';
import type { Removal } from '../core/contract/removal';
import { readDropped, type DroppedObject } from './dropped-object';
import { listedName, objectWords, relationName, type QualifiedName } from './names';
import { kindOf } from './outside-transaction';
import type { SqlStatement } from './parse';

/** A `validate constraint`: the proof that a file asks for before it removes anything. */
export type Validation = {
  readonly statement: SqlStatement;
  readonly table: QualifiedName;
  readonly constraint: string;
  /** Whether its statement does nothing else. */
  readonly isAlone: boolean;
};

export type ContractFile = {
  readonly removals: readonly Removal[];
  readonly validations: readonly Validation[];
  /** What the file drops itself: that is no reader of the old form. */
  readonly dropped: readonly DroppedObject[];
  /** Statements whose loss no copy of a column or table can make good, each with its place and what to write instead. */
  readonly unkeepable: readonly { readonly line: number; readonly why: string }[];
};

/** Reads what a contract file removes. */
export function readContractFile(statements: readonly SqlStatement[]): ContractFile {
  const alters = statements.flatMap(({ node }) => ('AlterTableStmt' in node ? [node.AlterTableStmt] : []));
  const drops = statements.flatMap(({ node }) => ('DropStmt' in node ? [node.DropStmt] : []));
  const tables = drops.filter(({ removeType }) => removeType === 'OBJECT_TABLE');
  return {
    removals: [...alters.flatMap(droppedColumns), ...tables.flatMap(namesIn).map(removalOf)],
    validations: statements.flatMap(validationsIn),
    dropped: [
      ...drops.flatMap(readDropped),
      ...alters.flatMap((alter) =>
        namesOf(alter, 'AT_DropConstraint').map((name) => ({
          kind: 'constraint' as const,
          name,
          on: relationName(alter.relation),
        })),
      ),
    ],
    unkeepable: statements.flatMap((statement) => {
      const why = whyUnkeepable(statement);
      return why === undefined ? [] : [{ line: statement.line, why }];
    }),
  };
}

const removalOf = ({ schema, name }: QualifiedName): Removal =>
  schema === undefined ? { table: name } : { schema, table: name };

const namesIn = ({ objects = [] }: DropStmt): readonly QualifiedName[] =>
  objects.map((object) => listedName(objectWords(object)));

const commandsOf = ({ cmds = [] }: AlterTableStmt): readonly AlterTableCmd[] =>
  cmds.flatMap((command) => ('AlterTableCmd' in command ? [command.AlterTableCmd] : []));

const namesOf = (alter: AlterTableStmt, wanted: AlterTableCmd['subtype']): readonly string[] =>
  commandsOf(alter).flatMap(({ subtype, name }) => (subtype === wanted && name !== undefined ? [name] : []));

function validationsIn(statement: SqlStatement): readonly Validation[] {
  if (!('AlterTableStmt' in statement.node)) return [];
  const alter = statement.node.AlterTableStmt;
  const constraints = namesOf(alter, 'AT_ValidateConstraint');
  const isAlone = commandsOf(alter).length === constraints.length;
  return constraints.map((constraint) => ({ statement, table: relationName(alter.relation), constraint, isAlone }));
}

function droppedColumns(alter: AlterTableStmt): readonly Removal[] {
  if (alter.objtype !== 'OBJECT_TABLE') return [];
  const removal = removalOf(relationName(alter.relation));
  return namesOf(alter, 'AT_DropColumn').map((column) => ({ ...removal, column }));
}

const cascades = '`cascade` removes what the file does not name; drop each object by its name';

/** Why the values that a statement changes or takes away could not be brought back from a copy. */
function whyUnkeepable({ node }: SqlStatement): string | undefined {
  if ('DoStmt' in node) return '`do` hides what it removes; write the statements themselves';
  if ('TruncateStmt' in node) return '`truncate` takes every row; drop the table, or take it out';
  if (['DeleteStmt', 'UpdateStmt', 'MergeStmt'].includes(kindOf(node)))
    return 'it changes rows in place; leave them, and drop the table or column that holds what nobody needs';
  if ('DropStmt' in node) {
    if (node.DropStmt.behavior === 'DROP_CASCADE') return cascades;
    return node.DropStmt.removeType === 'OBJECT_SCHEMA'
      ? 'it drops a schema; drop its tables by their names'
      : undefined;
  }
  if (!('AlterTableStmt' in node)) return undefined;
  const commands = commandsOf(node.AlterTableStmt);
  if (commands.some(({ subtype }) => subtype === 'AT_AlterColumnType'))
    return 'it changes a type in place; fill a new column of the new type and drop the old one';
  return commands.some(({ subtype, behavior }) => subtype === 'AT_DropColumn' && behavior === 'DROP_CASCADE')
    ? cascades
    : undefined;
}
