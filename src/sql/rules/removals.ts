import type { DropStmt, RenameStmt } from 'libpg-query';
import { tableCommands } from '../alter-table';
import { listedName, nameText, objectWords, relationName, wordsOf } from '../names';
import { namesDropped } from '../story';
import { onOldTables } from './columns';
import { changing, changingOrRows, early, hitWhen, type Hit, type Judged, type Rule } from './rule';

const earlyOrRows = [...early, 'backfill'] as const;

export const removalRules: readonly Rule[] = [
  {
    code: 'drop-outside-contract',
    roles: earlyOrRows,
    danger: 'takes away what the version that serves still uses, and an undo cannot give its rows back',
    instead:
      'drop it in `contract`; a trigger, policy or function may be dropped where the same file makes it again below',
    hits: (judged) => [
      ...dropped(judged),
      ...onOldTables('dropping column', ({ command }) => command.subtype === 'AT_DropColumn')(judged),
    ],
  },
  {
    code: 'rename-outside-contract',
    roles: earlyOrRows,
    danger: 'breaks the version that serves, which knows the old name',
    instead:
      'add the new name beside the old one and keep both in step (a column by a trigger, a table by a view); rename in `contract`',
    hits: renamed,
  },
  {
    code: 'drop-cascade',
    roles: changingOrRows,
    danger: 'drops whatever depends on it, which the file does not name and nobody has looked at',
    instead: 'drop each dependent object by its name, without `cascade`',
    hits: (judged) => {
      const { node, statement } = judged;
      if ('DropStmt' in node) return hitWhen(node.DropStmt.behavior === 'DROP_CASCADE', 'drop … cascade');
      return tableCommands(statement)
        .filter(({ command }) => command.behavior === 'DROP_CASCADE')
        .map(({ subject, offset }) => ({ subject: `dropping ${subject} with cascade`, offset }));
    },
  },
  {
    code: 'truncate',
    roles: changingOrRows,
    danger: 'removes every row at once, for good, under a lock that stops all reads and writes',
    instead: 'delete in batches what nothing needs, or drop the table in `contract`',
    hits: ({ node, story }) => {
      if (!('TruncateStmt' in node)) return [];
      const names = (node.TruncateStmt.relations ?? []).flatMap((each) =>
        'RangeVar' in each ? [nameText(relationName(each.RangeVar))] : [],
      );
      return names.filter((name) => !story.isNew(name)).map((name) => ({ subject: `truncating ${name}` }));
    },
  },
  {
    code: 'enum-value-stays',
    roles: changing,
    danger:
      'cannot be undone: PostgreSQL has no way to drop a value of an enum, so a rollback could not prove the old schema',
    instead:
      'use a text column with a check, or a table of the values; where it must be an enum, make a new type and a new column',
    hits: ({ node }) => {
      if (!('AlterEnumStmt' in node) || node.AlterEnumStmt.oldVal !== undefined) return [];
      return [{ subject: `a new value of enum ${nameText(listedName(node.AlterEnumStmt.typeName))}` }];
    },
  },
];

/** What they hold or offer is used by the version that serves; dropping a constraint only lets more in. */
const kinds: { readonly [kind in NonNullable<DropStmt['removeType']>]?: string } = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'foreign table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'domain',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_SCHEMA: 'schema',
  OBJECT_INDEX: 'index',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_OPERATOR: 'operator',
  OBJECT_CAST: 'cast',
  OBJECT_COLLATION: 'collation',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_RULE: 'rule',
  OBJECT_STATISTIC_EXT: 'statistics',
};

function dropped({ node, story }: Judged): readonly Hit[] {
  if (!('DropStmt' in node)) return [];
  const { removeType, objects = [] } = node.DropStmt;
  const kind = removeType === undefined ? undefined : kinds[removeType];
  if (kind === undefined) return [];
  const isRemade = kind === 'trigger' || kind === 'policy' || kind === 'function';
  return objects.flatMap((object) => {
    const words = wordsOf(objectWords(object));
    if (isRemade && namesDropped(kind, [object]).every((name) => story.isMadeAgain(name))) return [];
    return story.isNew(nameText(listedName(objectWords(object))))
      ? []
      : [{ subject: `dropping ${kind} ${words.join('.')}` }];
  });
}

/** Nothing that a version calls by name: a client knows tables and columns, not what guards them. */
const unseen: ReadonlySet<RenameStmt['renameType']> = new Set([
  'OBJECT_INDEX',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_DOMCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_STATISTIC_EXT',
] as const);

function renamed({ node, story }: Judged): readonly Hit[] {
  if ('AlterEnumStmt' in node) {
    const { oldVal, typeName } = node.AlterEnumStmt;
    return hitWhen(oldVal !== undefined, `renaming a value of enum ${nameText(listedName(typeName))}`);
  }
  if ('AlterObjectSchemaStmt' in node) return [{ subject: 'moving it to another schema' }];
  if (!('RenameStmt' in node)) return [];
  const { renameType, relation, object, subname, newname } = node.RenameStmt;
  const table = relation === undefined ? nameText(listedName(objectWords(object))) : nameText(relationName(relation));
  if (unseen.has(renameType) || story.isNew(table)) return [];
  const isPart = renameType === 'OBJECT_COLUMN' || renameType === 'OBJECT_ATTRIBUTE';
  const name = isPart || table === '""' ? [table === '""' ? '' : `${table}.`, subname ?? ''].join('') : table;
  return [{ subject: `renaming ${name} to ${newname ?? ''}` }];
}
