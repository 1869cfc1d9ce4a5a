import type { Change } from './change';
import { headOf } from './expand';
import { agree, forwardOf, isFilled, newFollows } from './forms';
import { quoteName, quoteTable } from './names';

const assignments = (change: Change): string =>
  change.fresh.map((column) => `${quoteName(column.name)} = ${forwardOf(change, column, '')}`).join(',\n  ');

/** A batch of rows that nobody filled yet; a row that is written meanwhile is read again under its lock, so no write is lost. */
export function backfillSql(change: Change): string {
  const table = quoteTable(change.table);
  const open = `not (${isFilled(change, '')})`;
  const key = backfillKey(change);
  if (key !== undefined)
    return `${headOf(change, 'Backfill of the keys above $1 up to $2.')}
update ${table} set
  ${assignments(change)}
where ${quoteName(key)} > $1 and ${quoteName(key)} <= $2
  and ${open};
`;
  const [outer, inner] =
    change.key === undefined ? ['(tableoid, ctid)', 'tableoid, ctid'] : [quoteName(change.key), quoteName(change.key)];
  return `${headOf(change, 'One batch: run again and again until it changes no row.')}
update ${table} set
  ${assignments(change)}
where ${outer} in (
  select ${inner} from ${table}
  where ${open}
  limit 1000
)
  and ${open};
`;
}

/** The column whose ranges the batches are; undefined where a batch is repeated until it changes no row. */
export const backfillKey = ({ key, isRepeated }: Change): string | undefined => (isRepeated === true ? undefined : key);

/** Rows are named by their key, never by their values. */
const keyOf = ({ key }: Change): string => (key === undefined ? 'ctid' : quoteName(key));

const rowsWhere = (change: Change, condition: string): string => `select ${keyOf(change)}
from ${quoteTable(change.table)}
where ${condition}`;

/** Returns rows whose new form is not there or says something else than the old one. */
export const backfillCheckSql = (change: Change): string =>
  `${headOf(change, 'Returns rows that are not filled, or whose forms disagree: no row means that backfill is complete.')}
${rowsWhere(change, `not (\n  ${agree(change, '')}\n)`)}
limit 20;
`;

/** Returns rows that the new version filled with what the old form cannot give back. */
export const lossesSql = (change: Change): string =>
  `${headOf(change, 'Returns the keys of rows that the undo of expand could not keep.')}
-- Their new form is not what the old one gives, because it is longer, finer or divided at another place.
${rowsWhere(change, `(${isFilled(change, '')})\n  and not (${newFollows(change, '', '\n    and ')})`)};
`;
