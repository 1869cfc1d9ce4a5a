import { nameText, quoted, relationName } from '../names';
import { whyNotInTransaction } from '../outside-transaction';
import { changing, changingOrRows, type Rule } from './rule';

export const indexRules: readonly Rule[] = [
  {
    code: 'index-blocks-writes',
    roles: changing,
    danger: 'stops all writes of the table while it is built',
    instead:
      'build it `concurrently`, outside of the transaction of a part; on a table that the same file makes it is free',
    hits: ({ node, story }) => {
      if (!('IndexStmt' in node) || node.IndexStmt.concurrent === true) return [];
      const { relation, idxname } = node.IndexStmt;
      const table = nameText(relationName(relation));
      const name = idxname === undefined ? 'an index' : `index ${quoted(idxname)}`;
      return story.isNew(table) ? [] : [{ subject: `${name} on ${table}` }];
    },
  },
  {
    code: 'reindex-blocks-writes',
    roles: changing,
    danger: 'stops all writes of the table while it is built again, and reads that would use the index',
    instead: 'run `reindex … concurrently` by hand, outside of a release',
    hits: ({ node, statement }) =>
      'ReindexStmt' in node && whyNotInTransaction(statement) === undefined ? [{ subject: 'reindex' }] : [],
  },
  {
    code: 'needs-no-transaction',
    roles: changingOrRows,
    danger: 'cannot run inside of the one transaction that every part is',
    instead:
      'take it out: a part is begun and committed for you, and what must run alone is run by hand before the release',
    mayBeAllowed: false,
    hits: ({ statement }) => {
      const why = whyNotInTransaction(statement);
      return why === undefined ? [] : [{ subject: why }];
    },
  },
];
