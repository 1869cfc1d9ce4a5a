import type { Node } from 'libpg-query';
import { listedName, nameText, objectWords, relationName, wordsOf } from './names';
import type { SqlStatement } from './parse';

/** What a file has done before the statement that is judged, and makes after it. */
export type FileStory = {
  /** Tables that the file itself has made: nobody waits for them, and they hold no rows of before. */
  readonly isNew: (relation: string) => boolean;
  /** Whether a constraint of the table was validated above. */
  readonly hasValidated: (relation: string) => boolean;
  /** Whether the file makes a trigger, constraint, function or policy of that name further down. */
  readonly isMadeAgain: (made: string) => boolean;
  /** Whether a statement above holds a lock on the table that stops its writers. */
  readonly isHeld: (relation: string) => boolean;
};

/** Follows a file statement by statement; `pass` is called after each one was judged. */
export function followFile(statements: readonly SqlStatement[]): {
  readonly story: FileStory;
  readonly pass: (statement: SqlStatement, held: readonly string[]) => void;
} {
  const made = new Set<string>();
  const validated = new Set<string>();
  const held = new Set<string>();
  // How often each name is still to be made below.
  const below = new Map<string, number>();
  const count = (name: string, by: number): void => void below.set(name, (below.get(name) ?? 0) + by);
  for (const { node } of statements) for (const name of namesMade(node)) count(name, 1);
  return {
    story: {
      isNew: (relation) => made.has(relation),
      hasValidated: (relation) => validated.has(relation),
      isMadeAgain: (name) => (below.get(name) ?? 0) > 0,
      isHeld: (relation) => held.has(relation),
    },
    pass: ({ node }, locked) => {
      for (const name of namesMade(node)) count(name, -1);
      for (const relation of locked) held.add(relation);
      const table = newTable(node);
      if (table !== undefined) made.add(table);
      for (const relation of validatedBy(node)) validated.add(relation);
    },
  };
}

/** `if not exists` may leave an old table, full of rows, where the file believes a new one to be. */
function newTable(node: Node): string | undefined {
  if ('CreateStmt' in node && node.CreateStmt.if_not_exists !== true) {
    return nameText(relationName(node.CreateStmt.relation));
  }
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.if_not_exists !== true) {
    return nameText(relationName(node.CreateTableAsStmt.into?.rel));
  }
  return undefined;
}

function validatedBy(node: Node): readonly string[] {
  if (!('AlterTableStmt' in node)) return [];
  const isValidating = (node.AlterTableStmt.cmds ?? []).some(
    (command) => 'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_ValidateConstraint',
  );
  return isValidating ? [nameText(relationName(node.AlterTableStmt.relation))] : [];
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
