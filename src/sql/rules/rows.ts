import type { Node } from 'libpg-query';
import { nameText, relationName } from '../names';
import { kindOf } from '../outside-transaction';
import { functionsCalled, holds } from '../walk';
import { changing, hitWhen, type Rule } from './rule';
import { isServerFunction } from './session';

const changesRows = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
/** Called for what they are known to do, or for nothing but their answer. */
const known = new Set(['setval', 'nextval', 'pg_notify', 'count', 'min', 'max', 'sum', 'now', 'generate_series']);

export const rowRules: readonly Rule[] = [
  {
    code: 'all-rows-at-once',
    roles: changing,
    danger: 'changes every row in one transaction: their locks and the old versions of the rows stay until it ends',
    instead: 'do it in `backfill`, in batches; where it is only a few rows, say which by `where`',
    hits: ({ node, story }) => {
      const change = 'UpdateStmt' in node ? node.UpdateStmt : 'DeleteStmt' in node ? node.DeleteStmt : undefined;
      if (change === undefined || change.whereClause !== undefined) return [];
      const table = nameText(relationName(change.relation));
      return story.isNew(table)
        ? []
        : [{ subject: `${kindOf(node).replace('Stmt', '').toLowerCase()} of ${table} without where` }];
    },
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
    hits: ({ node }) =>
      hitWhen(changesRows.has(kindOf(node)) && !isBounded(node), 'a batch without limit or key range'),
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
      if (!('SelectStmt' in node)) return [];
      const unknown = functionsCalled(node).find((words) => {
        const name = words.at(-1) ?? '';
        return !known.has(name) && !isServerFunction(name);
      });
      return unknown === undefined ? [] : [{ subject: `calling ${unknown.join('.')}()` }];
    },
  },
];

/** A limit anywhere below, or parameters that bound the keys. */
const isBounded = (node: Node): boolean =>
  holds(node, (kind, { limitCount }) => kind === 'ParamRef' || limitCount !== undefined);

/** The first arm of a `union` carries what belongs to the whole, so the fields are asked for and not their owner. */
const isQuery = (node: Node): boolean =>
  'SelectStmt' in node &&
  !holds(
    node,
    (kind, { intoClause, lockingClause }) =>
      changesRows.has(kind) || intoClause !== undefined || lockingClause !== undefined,
  );
