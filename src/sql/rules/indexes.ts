import { nameText, quoted, relationName } from '../names';
import { whyNotInTransaction } from '../outside-transaction';
import { builtIndex } from '../index-build';
import { changing, changingOrRows, hitWhen, type Rule } from './rule';

export const indexRules: readonly Rule[] = [
  {
    code: 'index-blocks-writes',
    roles: changing,
    danger: 'stops all writes of the table while it is built',
    instead:
      'write `create index concurrently` into a file of its own and name it under `indexes`; on a table that the same file makes an index is free',
    hits: ({ node, story }) => {
      if (!('IndexStmt' in node) || node.IndexStmt.concurrent === true) return [];
      const { relation, idxname } = node.IndexStmt;
      const table = nameText(relationName(relation));
      const name = idxname === undefined ? 'an index' : `index ${quoted(idxname)}`;
      return story.isNew(table) ? [] : [{ subject: `${name} on ${table}` }];
    },
  },
  {
    code: 'not-an-index-build',
    roles: ['index'],
    danger: 'would block writers, or could not be found again to be dropped',
    instead:
      'write one `create index concurrently NAME on TABLE …`, with a name and without `if not exists`; other SQL belongs into `expand`',
    mayBeAllowed: false,
    hits: ({ statement }) =>
      hitWhen(
        builtIndex(statement) === undefined,
        `\`${statement.text.split(/\s/, 1)[0]?.toLowerCase() ?? ''}\` among \`indexes\``,
      ),
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
      'take it out: a part is begun and committed for you; `create index concurrently` is named under `indexes`, and what else must run alone is run by hand before the release',
    mayBeAllowed: false,
    hits: ({ statement }) => {
      const why = whyNotInTransaction(statement);
      return why === undefined ? [] : [{ subject: why }];
    },
  },
];
