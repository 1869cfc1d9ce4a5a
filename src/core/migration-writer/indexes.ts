import type { Change } from './change';
import { headOf } from './expand';
import { objectName, quoteName, quoteTable } from './names';

/** One statement for each index of the old column, to be built beside whoever writes; none for a split, which has no one heir. */
export function indexSqls(change: Change): readonly string[] {
  const [heir, ...more] = change.fresh;
  if (heir === undefined || more.length > 0) return [];
  return (change.indexes ?? []).map(({ method, isUnique, columns }, at) => {
    const fresh = columns.map((column) => (column === change.old.name ? heir.name : column));
    const name = objectName('', `${change.table.name}_${fresh.join('_')}`, at === 0 ? '_idx' : `_idx${at + 1}`);
    return `${headOf(change, 'What the old column is found by, for the new one; built while others write.')}
create ${isUnique ? 'unique ' : ''}index concurrently ${quoteName(name)}
on ${quoteTable(change.table)} using ${quoteName(method)} (${fresh.map(quoteName).join(', ')});
`;
  });
}
