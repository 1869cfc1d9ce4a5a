import type { AlterTableCmd } from 'libpg-query';
import { nameText, relationName } from '../names';
import { whyNotInTransaction } from '../outside-transaction';
import { onOldTables } from './columns';
import { changing, changingOrRows, early, hitWhen, type Rule } from './rule';

const rewriting: ReadonlySet<AlterTableCmd['subtype']> = new Set([
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
] as const);

const muting: ReadonlySet<AlterTableCmd['subtype']> = new Set([
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableTrigUser',
  'AT_EnableReplicaTrig',
  'AT_EnableReplicaRule',
  'AT_DisableRule',
] as const);

export const tableRules: readonly Rule[] = [
  {
    code: 'rewrites-table',
    roles: changing,
    danger: 'writes the whole table anew under a lock that stops all reads and writes',
    instead: 'do it in a maintenance window outside of a release, or make a new table and fill it in `backfill`',
    hits: (judged) => {
      const { node } = judged;
      if ('ClusterStmt' in node) return [{ subject: 'cluster' }];
      if ('AlterTableMoveAllStmt' in node) return [{ subject: 'moving all tables to another tablespace' }];
      return onOldTables('moving or logging', ({ command }) => rewriting.has(command.subtype))(judged);
    },
  },
  {
    code: 'lock-table',
    roles: changingOrRows,
    danger: 'holds a lock on the table until the part ends, and everything behind it waits',
    instead: 'leave it out: each statement takes the weakest lock that it needs',
    hits: ({ node }) => hitWhen('LockStmt' in node, 'lock table'),
  },
  {
    code: 'refresh-blocks-reads',
    roles: changingOrRows,
    danger: 'stops all reads of the view while it is filled',
    instead: 'write `refresh materialized view concurrently`, which needs a unique index on the view',
    hits: ({ node }) =>
      'RefreshMatViewStmt' in node &&
      node.RefreshMatViewStmt.concurrent !== true &&
      node.RefreshMatViewStmt.skipData !== true
        ? [{ subject: `refreshing ${nameText(relationName(node.RefreshMatViewStmt.relation))}` }]
        : [],
  },
  {
    code: 'trigger-disabled',
    roles: changingOrRows,
    danger: 'lets rows in without what the trigger or rule guards, also those of other sessions',
    instead: 'leave it on; where it must not act on a row, let the trigger itself tell which one',
    hits: onOldTables('disabling a trigger or rule of', ({ command }) => muting.has(command.subtype)),
  },
  {
    code: 'row-security',
    roles: early,
    danger: 'hides rows from the version that serves, or shows it rows that it must not see',
    instead: 'make the policies in `expand` and enable row security in `contract`, when every reader is ready for it',
    hits: onOldTables('row security of', ({ command }) => command.subtype?.endsWith('RowSecurity') === true),
  },
  {
    code: 'rewrite-rule',
    roles: changing,
    danger: 'silently changes what statements of both versions do',
    instead: 'use a trigger, or an updatable view',
    hits: ({ node, story }) =>
      'RuleStmt' in node && !story.isNew(nameText(relationName(node.RuleStmt.relation)))
        ? [{ subject: 'a rewrite rule' }]
        : [],
  },
  {
    code: 'partition-detach',
    roles: early,
    danger: 'takes rows away from the version that serves, under a lock that stops all reads and writes of both tables',
    instead: 'detach it in `contract`, or `concurrently` by hand after the release',
    hits: (judged) =>
      whyNotInTransaction(judged.statement) !== undefined
        ? []
        : onOldTables('detaching a partition of', ({ command }) => command.subtype === 'AT_DetachPartition')(judged),
  },
  {
    code: 'unlogged-table',
    roles: changing,
    danger: 'is empty after a crash of the database, and never reaches a replica',
    instead: 'make an ordinary table',
    hits: ({ node }) =>
      'CreateStmt' in node && node.CreateStmt.relation?.relpersistence === 'u'
        ? [{ subject: `unlogged table ${nameText(relationName(node.CreateStmt.relation))}` }]
        : [],
  },
];
