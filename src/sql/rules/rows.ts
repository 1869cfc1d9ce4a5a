import type { Node } from 'libpg-query';
import { isBounded, limitedNames } from '../bounded';
import { isUnknownFunction } from '../known-functions';
import { quoted } from '../names';
import { kindOf } from '../outside-transaction';
import { rowChanges, runsOnRows } from '../row-changes';
import { functionsCalled, holds } from '../walk';
import { changing, early, hitWhen, type Hit, type Judged, type Rule } from './rule';

const changesRows = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

export const rowRules: readonly Rule[] = [
  {
    code: 'all-rows-at-once',
    roles: changing,
    danger: 'changes every row in one transaction: their locks and the old versions of the rows stay until it ends',
    instead: 'do it in `backfill`, in batches; where it is only a few rows, say which by `where`',
    hits: ({ node, story }) =>
      rowChanges(node)
        .filter(({ kind, isLimited, table }) => kind !== 'insert' && !isLimited && !story.isNew(table))
        .map(({ kind, table, location }) => ({ subject: `${kind} of ${table} without where`, location })),
  },
  {
    code: 'old-rows-changed',
    roles: [...early, 'backfill'],
    danger: 'changes what users have written, and no undo brings that back',
    instead:
      'write into columns or tables that the same migration adds (`add column` without `if not exists`), and drop the old ones in `contract`; where your own undo brings the rows back, allow it and say how',
    hits: oldRowsChanged,
  },
  {
    code: 'backfill-not-rows',
    roles: ['backfill'],
    danger: 'is run again and again until no row is changed, and this changes none',
    instead: 'write one `insert`, `update`, `delete` or `merge`; schema belongs into `expand`',
    mayBeAllowed: false,
    hits: ({ node, statement }) =>
      hitWhen(
        !changesRows.has(kindOf(node)),
        `a backfill with \`${statement.text.split(/\s/, 1)[0]?.toLowerCase() ?? ''}\``,
      ),
  },
  {
    code: 'backfill-unbounded',
    roles: ['backfill'],
    danger: 'takes all rows in one transaction, whose locks and old row versions stay until it ends',
    instead:
      'take a bounded number of rows that are not done yet: `where id in (select id … order by id limit 1000)`, or a range of keys between `$1` and `$2`',
    hits: ({ node }) => {
      const limited = limitedNames(Object.values(node)[0]);
      return rowChanges(node)
        .filter(({ change }) => !isBounded(change, limited))
        .slice(0, 1)
        .map(({ location }) => ({ subject: 'a batch without limit or key range', location }));
    },
  },
  {
    code: 'check-not-a-query',
    roles: ['check'],
    danger: 'may only read: its answer is how many rows it returns',
    instead: 'write one `select` that returns the rows that are wrong, without `into` and `for update`',
    mayBeAllowed: false,
    hits: ({ node }) => hitWhen(!isQuery(node), 'a check'),
  },
  {
    code: 'opaque-code',
    roles: [...changing, 'backfill'],
    danger: 'hides what it does from every other rule: nobody can tell its locks and what it drops',
    instead: 'write its statements out, one by one',
    hits: ({ node }) => {
      if ('DoStmt' in node) return [{ subject: 'a `do` block' }];
      if ('CallStmt' in node) return [{ subject: 'calling a procedure' }];
      if (!runsOnRows(node)) return [];
      const unknown = functionsCalled(node).find(isUnknownFunction);
      return unknown === undefined ? [] : [{ subject: `calling ${unknown.join('.')}()` }];
    },
  },
];

/** A column or table that the migration adds holds nothing of before. */
function oldRowsChanged({ node, story }: Judged): readonly Hit[] {
  return rowChanges(node).flatMap(({ kind, table, columns, location }): readonly Hit[] => {
    if (story.isOwnTable(table)) return [];
    if (kind === 'delete') return [{ subject: `deleting from ${table}`, location }];
    return columns
      .filter(({ name }) => !story.isOwnColumn(table, name))
      .map((column) => ({ subject: `setting ${table}.${quoted(column.name)}`, location: column.location }));
  });
}

/** The first arm of a `union` carries what belongs to the whole, so the fields are asked for and not their owner. */
const isQuery = (node: Node): boolean =>
  'SelectStmt' in node &&
  !holds(
    node,
    (kind, { intoClause, lockingClause }) =>
      changesRows.has(kind) || intoClause !== undefined || lockingClause !== undefined,
  );
