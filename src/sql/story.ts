import type { Constraint, Node, PartitionBoundSpec } from 'libpg-query';
import { isSame, readMade, type NamedConstraint } from './made';
import { listedName, nameText, objectWords, relationName, wordsOf } from './names';
import type { SqlStatement } from './parse';
import { provesBounds, provesNotNull } from './proofs';

/** What a file has done before the statement that is judged, and makes after it. */
export type FileStory = {
  /** Tables and sequences that the file itself has made: nobody waits for them, and they hold no rows of before. */
  readonly isNew: (relation: string) => boolean;
  /** Whether the migration has made the table, in this file or one before it. */
  readonly isOwnTable: (table: string) => boolean;
  /** Whether the migration has added the column, in this file or one before it. */
  readonly isOwnColumn: (table: string, column: string) => boolean;
  /** Whether the migration makes a check, reference or not-null of that name: then it is no key. */
  readonly isRule: (table: string, constraint: string) => boolean;
  /** Whether a constraint that was validated above says that the column is never null. */
  readonly isKnownNotNull: (table: string, column: string | undefined) => boolean;
  /** Whether constraints that were validated above say that every row of the table fits the bounds. */
  readonly isKnownWithin: (table: string, bound: PartitionBoundSpec | undefined) => boolean;
  /** Whether the file makes a trigger, constraint, function or policy of that name further down. */
  readonly isMadeAgain: (made: string) => boolean;
  /** Whether a statement above holds a lock on the table that stops its writers. */
  readonly isHeld: (relation: string) => boolean;
};

/**
 * Follows a file statement by statement: `enter` is called before each one is judged, `pass` after it.
 * `before` are the statements of the files that run before it in the same migration.
 */
export function followFile(
  statements: readonly SqlStatement[],
  before: readonly Node[],
): {
  readonly story: FileStory;
  readonly enter: (statement: SqlStatement) => void;
  readonly pass: (statement: SqlStatement, held: readonly string[]) => void;
} {
  const made = new Set<string>();
  const held = new Set<string>();
  const earlier = before.map(readMade);
  const own = {
    tables: earlier.flatMap(({ relations }) => relations),
    columns: earlier.flatMap(({ columns }) => columns),
  };
  const written = [...earlier, ...statements.map(({ node }) => readMade(node))].flatMap((each) => each.constraints);
  let valid: readonly NamedConstraint[] = [];
  // How often each name is still to be made below.
  const below = new Map<string, number>();
  const count = (name: string, by: number): void => void below.set(name, (below.get(name) ?? 0) + by);
  for (const { node } of statements) for (const name of namesMade(node)) count(name, 1);
  const validOf = (table: string): readonly Constraint[] =>
    valid.filter((each) => each.table === table).map(({ constraint }) => constraint);
  return {
    story: {
      isNew: (relation) => made.has(relation),
      isOwnTable: (table) => own.tables.some((each) => isSame(each, table)),
      isOwnColumn: (table, column) => own.columns.some((each) => each.column === column && isSame(each.table, table)),
      isRule: (table, name) =>
        written.some(
          ({ constraint: { contype }, ...each }) =>
            each.name === name &&
            isSame(each.table, table) &&
            (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN' || contype === 'CONSTR_NOTNULL'),
        ),
      isKnownNotNull: (table, column) =>
        column !== undefined && validOf(table).some((constraint) => provesNotNull(constraint, column)),
      isKnownWithin: (table, bound) => provesBounds(validOf(table), bound),
      isMadeAgain: (name) => (below.get(name) ?? 0) > 0,
      isHeld: (relation) => held.has(relation),
    },
    enter: ({ node }) => {
      // Of the commands of one statement, those that drop run first.
      const gone = namesIn(node, 'AT_DropConstraint');
      valid = valid.filter((each) => !gone.some(({ table, name }) => each.table === table && each.name === name));
    },
    pass: ({ node }, locked) => {
      for (const name of namesMade(node)) count(name, -1);
      for (const relation of locked) held.add(relation);
      const { relations, columns, constraints } = readMade(node);
      for (const relation of relations) made.add(relation);
      own.tables.push(...relations);
      own.columns.push(...columns);
      const validated = namesIn(node, 'AT_ValidateConstraint').flatMap(({ table, name }) => {
        const found = written.findLast((each) => each.name === name && isSame(each.table, table));
        return found === undefined ? [] : [{ ...found, table }];
      });
      valid = [...valid, ...validated, ...constraints.filter(({ constraint }) => isValidAtOnce(constraint))];
    },
  };
}

const isValidAtOnce = ({ skip_validation: isUnread, is_enforced: isEnforced }: Constraint): boolean =>
  isUnread !== true && isEnforced !== false;

/** The constraints that the commands of one kind name. */
function namesIn(
  node: Node,
  wanted: 'AT_DropConstraint' | 'AT_ValidateConstraint',
): readonly { readonly table: string; readonly name: string }[] {
  if (!('AlterTableStmt' in node)) return [];
  const table = nameText(relationName(node.AlterTableStmt.relation));
  return (node.AlterTableStmt.cmds ?? []).flatMap((each) =>
    'AlterTableCmd' in each && each.AlterTableCmd.subtype === wanted
      ? [{ table, name: each.AlterTableCmd.name ?? '' }]
      : [],
  );
}

/** What can be dropped and made again within one file, as `madeName` writes it. */
function namesMade(node: Node): readonly string[] {
  if ('CreateTrigStmt' in node) {
    const { relation, trigname = '' } = node.CreateTrigStmt;
    return [madeName('trigger', `${nameText(relationName(relation))} ${trigname}`)];
  }
  if ('CreatePolicyStmt' in node) {
    const { table, policy_name: policy = '' } = node.CreatePolicyStmt;
    return [madeName('policy', `${nameText(relationName(table))} ${policy}`)];
  }
  if ('CreateFunctionStmt' in node)
    return [madeName('function', nameText(listedName(node.CreateFunctionStmt.funcname)))];
  return [];
}

const madeName = (kind: 'trigger' | 'policy' | 'function', name: string): string => `${kind} ${name}`;

/** The names of the triggers, policies and functions that a `drop` takes away, as `madeName` writes them. */
export function namesDropped(kind: 'trigger' | 'policy' | 'function', objects: readonly Node[]): readonly string[] {
  return objects.map((object) => {
    const words = objectWords(object);
    if (kind === 'function') return madeName(kind, nameText(listedName(words)));
    const own = wordsOf(words).at(-1) ?? '';
    return madeName(kind, `${nameText(listedName(words.slice(0, -1)))} ${own}`);
  });
}
