import type { Node, TransactionStmtKind } from 'libpg-query';
import type { SqlStatement } from './parse';

/** Whether the statement builds or drops an index without blocking writes: it needs to run outside of a transaction. */
export function isConcurrentIndex({ node }: SqlStatement): boolean {
  return (
    ('IndexStmt' in node && node.IndexStmt.concurrent === true) ||
    ('DropStmt' in node && node.DropStmt.concurrent === true)
  );
}

const savepoints: ReadonlySet<TransactionStmtKind | undefined> = new Set([
  'TRANS_STMT_SAVEPOINT',
  'TRANS_STMT_RELEASE',
  'TRANS_STMT_ROLLBACK_TO',
] as const);

/** Why a statement cannot run inside of the one transaction of its part; undefined when it can. */
export function whyNotInTransaction(statement: SqlStatement): string | undefined {
  const { node } = statement;
  if (isConcurrentIndex(statement) || isConcurrent(node)) return 'CONCURRENTLY';
  if ('TransactionStmt' in node && !savepoints.has(node.TransactionStmt.kind)) return 'transaction control';
  if ('CopyStmt' in node && node.CopyStmt.filename === undefined && node.CopyStmt.is_program !== true) {
    return 'a statement that talks to the client';
  }
  const kind = kindOf(node);
  if (kind === 'ListenStmt' || kind === 'UnlistenStmt') return 'a statement that talks to the client';
  return alone.has(kind) && !('VacuumStmt' in node && node.VacuumStmt.is_vacuumcmd !== true)
    ? 'a statement that wants to be alone'
    : undefined;
}

const alone = new Set([
  'VacuumStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'AlterSystemStmt',
  'CreateSubscriptionStmt',
  'DropSubscriptionStmt',
]);

/** The kind of a parsed statement, such as `AlterTableStmt`. */
export const kindOf = (node: Node): string => Object.keys(node)[0] ?? '';

function isConcurrent(node: Node): boolean {
  if ('ReindexStmt' in node) {
    const { params = [], kind } = node.ReindexStmt;
    const isWhole = kind === 'REINDEX_OBJECT_SCHEMA' || kind === 'REINDEX_OBJECT_SYSTEM';
    const isAsked = params.some((param) => 'DefElem' in param && param.DefElem.defname === 'concurrently');
    return isAsked || isWhole || kind === 'REINDEX_OBJECT_DATABASE';
  }
  if (!('AlterTableStmt' in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (command) =>
      'AlterTableCmd' in command &&
      (command.AlterTableCmd.subtype === 'AT_DetachPartitionFinalize' ||
        isDetachConcurrently(command.AlterTableCmd.def)),
  );
}

const isDetachConcurrently = (node: Node | undefined): boolean =>
  node !== undefined && 'PartitionCmd' in node && node.PartitionCmd.concurrent === true;
