import type { Node, ObjectType } from 'libpg-query';
import { kindOf } from './outside-transaction';
import type { SqlStatement } from './parse';

/** Roles, databases, tablespaces, subscriptions and settings: what all databases of a server share. */
const sharedKinds = new Set([
  'CreateRoleStmt',
  'AlterRoleStmt',
  'AlterRoleSetStmt',
  'DropRoleStmt',
  'GrantRoleStmt',
  'ReassignOwnedStmt',
  'DropOwnedStmt',
  'CreatedbStmt',
  'AlterDatabaseStmt',
  'AlterDatabaseSetStmt',
  'AlterDatabaseRefreshCollStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'AlterTableSpaceOptionsStmt',
  'DropTableSpaceStmt',
  'CreateSubscriptionStmt',
  'AlterSubscriptionStmt',
  'DropSubscriptionStmt',
  'AlterSystemStmt',
]);
const sharedObjects: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_ROLE',
  'OBJECT_DATABASE',
  'OBJECT_TABLESPACE',
  'OBJECT_SUBSCRIPTION',
  'OBJECT_PARAMETER_ACL',
] as const);

/** Whether a statement reaches beyond its database. */
export const changesServer = ({ node }: SqlStatement): boolean =>
  sharedKinds.has(kindOf(node)) || sharedObjects.has(objectOf(node));

/** The kind of object that a statement names which works on several kinds. */
function objectOf(node: Node): ObjectType | undefined {
  if ('RenameStmt' in node) return node.RenameStmt.renameType;
  if ('AlterOwnerStmt' in node) return node.AlterOwnerStmt.objectType;
  if ('CommentStmt' in node) return node.CommentStmt.objtype;
  if ('SecLabelStmt' in node) return node.SecLabelStmt.objtype;
  return 'GrantStmt' in node ? node.GrantStmt.objtype : undefined;
}
