import type { Change } from './change';
import { headOf } from './expand';
import { quoteName, quoteTable } from './names';
import { syncFunction, syncNames } from './sync-trigger';

/** Takes the old form away, after nobody reads or writes it any more. */
export function contractSql(change: Change): string {
  const names = syncNames(change);
  const table = quoteTable(change.table);
  const { byDefault } = change.old;
  const settings = change.fresh.flatMap((column) => [
    ...(column.isRequired ? [`alter column ${quoteName(column.name)} set not null`] : []),
    ...(byDefault === undefined
      ? []
      : [`alter column ${quoteName(column.name)} set default ${column.forward.sql(() => `(${byDefault})`)}`]),
  ]);
  const settle =
    settings.length === 0
      ? ''
      : `-- The constraint has proved it, so no row is read under the strong lock.
alter table ${table}
  ${settings.join(',\n  ')};
`;
  return `${headOf(change, 'Contract: the old form goes.')}
-- Rows are read under a lock that lets reads and writes go on; it fails while a row is not filled.
alter table ${table} validate constraint ${quoteName(names.filled)};

drop trigger if exists ${quoteName(names.insert)} on ${table};
drop trigger if exists ${quoteName(names.update)} on ${table};
${settle}alter table ${table}
  drop constraint ${quoteName(names.filled)},
  drop column ${quoteName(change.old.name)};
drop function if exists ${syncFunction(change)}();
`;
}
