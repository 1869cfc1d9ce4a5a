import type { DefElem, Node } from 'libpg-query';
import { listedName, nameText, objectWords, relationName } from '../names';
import { kindOf, whyNotInTransaction } from '../outside-transaction';
import { changingOrRows, hitWhen, type Judged, type Rule } from './rule';

const extensions = new Set(['CreateExtensionStmt', 'AlterExtensionStmt', 'AlterExtensionContentsStmt']);

const rights = new Set([
  'GrantRoleStmt',
  'CreateRoleStmt',
  'AlterRoleStmt',
  'AlterRoleSetStmt',
  'DropRoleStmt',
  'AlterDefaultPrivilegesStmt',
  'AlterOwnerStmt',
  'ReassignOwnedStmt',
  'DropOwnedStmt',
  'SecLabelStmt',
]);

/** What a migration is made of; every other kind acts on the server, or is not known to be harmless. */
const usual = new Set([
  'AlterTableStmt',
  'AlterDomainStmt',
  'CreateStmt',
  'CreateTableAsStmt',
  'CreateSchemaStmt',
  'CreateSeqStmt',
  'AlterSeqStmt',
  'CreateDomainStmt',
  'CreateEnumStmt',
  'CreateRangeStmt',
  'CompositeTypeStmt',
  'AlterEnumStmt',
  'AlterTypeStmt',
  'DefineStmt',
  'ViewStmt',
  'CreateFunctionStmt',
  'AlterFunctionStmt',
  'CreateTrigStmt',
  'CreatePolicyStmt',
  'AlterPolicyStmt',
  'IndexStmt',
  'ReindexStmt',
  'CreateStatsStmt',
  'AlterStatsStmt',
  'AlterObjectDependsStmt',
  'AlterObjectSchemaStmt',
  'CommentStmt',
  'DropStmt',
  'RenameStmt',
  'RuleStmt',
  'TruncateStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'SelectStmt',
  'TransactionStmt',
  'ConstraintsSetStmt',
  'NotifyStmt',
  'VacuumStmt',
  // These have a rule of their own.
  'ClusterStmt',
  'AlterTableMoveAllStmt',
  'LockStmt',
  'RefreshMatViewStmt',
  'CopyStmt',
  'DoStmt',
  'CallStmt',
  'GrantStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'PrepareStmt',
  'ExecuteStmt',
  'DeallocateStmt',
  'DeclareCursorStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'DiscardStmt',
  'LoadStmt',
  ...extensions,
  ...rights,
]);

const dropsServerObject =
  /^OBJECT_(ACCESS_METHOD|EVENT_TRIGGER|FDW|FOREIGN_SERVER|LANGUAGE|PUBLICATION|TRANSFORM|TS\w+|OPCLASS|OPFAMILY)$/;

export const serverRules: readonly Rule[] = [
  {
    code: 'extension',
    roles: changingOrRows,
    danger:
      'runs the code of an extension with more rights than a release has, and its undo takes along whatever depends on it',
    instead: 'install it once by hand, before the release',
    hits: ({ node }) =>
      hitWhen(
        extensions.has(kindOf(node)) || ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_EXTENSION'),
        'changing an extension',
      ),
  },
  {
    code: 'privileges',
    roles: changingOrRows,
    danger: 'changes who may do what, which a release must not, and which no proof of a rollback reads back',
    instead:
      'leave roles and rights to whoever owns the database; grants on a table that the same file makes are taken',
    hits: granted,
  },
  {
    code: 'copy-reaches-out',
    roles: changingOrRows,
    danger: 'runs a program, or reads or writes a file, on the database server',
    instead: 'leave it out: rows do not belong in a migration',
    hits: ({ node }) =>
      hitWhen(
        'CopyStmt' in node && (node.CopyStmt.is_program === true || node.CopyStmt.filename !== undefined),
        'copy',
      ),
  },
  {
    code: 'security-definer',
    roles: changingOrRows,
    danger: 'runs with the rights of whoever migrates, whoever calls it',
    instead: 'leave out `security definer`; grant the callers what they need',
    hits: ({ node }) => {
      const options =
        'CreateFunctionStmt' in node
          ? node.CreateFunctionStmt.options
          : 'AlterFunctionStmt' in node
            ? node.AlterFunctionStmt.actions
            : undefined;
      return (options ?? [])
        .flatMap((option) => ('DefElem' in option && isDefiner(option.DefElem) ? [option.DefElem] : []))
        .map(({ location }) => ({ subject: 'a security definer function', location }));
    },
  },
  {
    code: 'server-object',
    roles: changingOrRows,
    danger: 'is not a change of tables and rows: it acts on the server, or wants a superuser',
    instead: 'do it by hand, outside of a release',
    hits: ({ node, statement }) => {
      const isForeign = !usual.has(kindOf(node)) && whyNotInTransaction(statement) === undefined;
      const isDropped = 'DropStmt' in node && dropsServerObject.test(node.DropStmt.removeType ?? '');
      return hitWhen(isForeign || isDropped, `a statement of this kind (${kindOf(node).replace(/Stmt$/, '')})`);
    },
  },
];

const isDefiner = ({ defname, arg }: DefElem): boolean =>
  defname === 'security' && arg !== undefined && 'Boolean' in arg && arg.Boolean.boolval === true;

function granted({ node, statement, story }: Judged) {
  const isOwner =
    'AlterTableStmt' in node &&
    (node.AlterTableStmt.cmds ?? []).some(
      (each) => 'AlterTableCmd' in each && each.AlterTableCmd.subtype === 'AT_ChangeOwner',
    );
  if (rights.has(kindOf(node)) || isOwner) return [{ subject: statement.text.split(/\s/, 1)[0]?.toLowerCase() ?? '' }];
  if (!('GrantStmt' in node)) return [];
  const { is_grant: isGrant, objtype, objects = [], targtype } = node.GrantStmt;
  const isOnNew =
    isGrant === true &&
    targtype === 'ACL_TARGET_OBJECT' &&
    objtype === 'OBJECT_TABLE' &&
    objects.every((object) => story.isNew(objectText(object)));
  return isOnNew ? [] : [{ subject: isGrant === true ? 'grant' : 'revoke' }];
}

const objectText = (object: Node): string =>
  'RangeVar' in object ? nameText(relationName(object.RangeVar)) : nameText(listedName(objectWords(object)));
