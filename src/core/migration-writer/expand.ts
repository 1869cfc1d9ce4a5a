import type { Change } from './change';
import { isFilled } from './forms';
import { inComment, quoteName, quoteTable, quoteText } from './names';
import { syncFunction, syncNames, syncTrigger } from './sync-trigger';

/** So an expression that leans on the search path fails here, and not in a trigger at the first write. */
const fixedPath = `-- Until the end of the transaction names mean the same here as in the function.
set local search_path = pg_catalog, pg_temp;`;

export const headOf = ({ id, title }: Change, part: string): string =>
  `-- Migration ${id}: ${inComment(title)}.\n-- ${part}`;

/** Adds the new form beside the old one and keeps both in step; no row is read or rewritten under the lock. */
export function expandSql(change: Change): string {
  const table = quoteTable(change.table);
  const columns = change.fresh.map(({ name, type }) => `  add column ${quoteName(name)} ${type}`).join(',\n');
  const news = change.fresh.map(({ name }) => quoteName(name)).join(', ');
  const grants = change.grants.map(
    ({ privilege, role }) => `grant ${privilege} (${news}) on table ${table} to ${role};\n`,
  );
  return `${headOf(change, 'Expand: the new form beside the old one.')}
${fixedPath}

-- Without a default: null in the new form means that nobody wrote it.
alter table ${table}
${columns};
${grants.length === 0 ? '' : `\n-- Who was allowed the old column alone is allowed the new form.\n${grants.join('')}`}
${syncTrigger(change)}

-- Not valid now, so that no row is read under the lock; contract validates it before it needs a strong lock.
alter table ${table} add constraint ${quoteName(syncNames(change).filled)}
  check (${isFilled(change, '')}) not valid;
`;
}

/** Takes the new form away; the trigger kept the old one up to date while both were there. */
export function expandUndoSql(change: Change): string {
  const names = syncNames(change);
  const table = quoteTable(change.table);
  const columns = change.fresh.map(({ name }) => `  drop column if exists ${quoteName(name)}`).join(',\n');
  return `${headOf(change, 'Undo of expand: the old form holds what either version wrote.')}
-- The rows that it cannot hold are those of the losses query.
drop trigger if exists ${quoteName(names.insert)} on ${table};
drop trigger if exists ${quoteName(names.update)} on ${table};
drop function if exists ${syncFunction(change)}();
alter table ${table}
  drop constraint if exists ${quoteName(names.filled)},
${columns};
`;
}

const regclass = (change: Change): string => `pg_catalog.to_regclass(${quoteText(quoteTable(change.table))})`;

const named = (kind: string, { table }: Change, name: string): string =>
  quoteText(`${kind} ${name} of ${table.schema}.${table.name}`);

const missingColumn = (change: Change, name: string): string => `select ${named('column', change, name)} as missing
where not exists (
  select from pg_catalog.pg_attribute
  where attrelid = ${regclass(change)} and attname = ${quoteText(name)} and not attisdropped
)`;

const missingTrigger = (change: Change, name: string): string => `select ${named('trigger', change, name)}
where not exists (
  select from pg_catalog.pg_trigger
  where tgrelid = ${regclass(change)} and tgname = ${quoteText(name)} and tgenabled = 'A'
)`;

const missingConstraint = (change: Change, name: string): string => `select ${named('constraint', change, name)}
where not exists (
  select from pg_catalog.pg_constraint
  where conrelid = ${regclass(change)} and conname = ${quoteText(name)}
)`;

/** Returns what expand should have made and is not there. */
export function expandCheckSql(change: Change): string {
  const { insert, update, filled } = syncNames(change);
  const queries = [
    ...[change.old, ...change.fresh].map(({ name }) => missingColumn(change, name)),
    ...[insert, update].map((name) => missingTrigger(change, name)),
    missingConstraint(change, filled),
  ];
  return `${headOf(change, 'Returns what is missing: no row means that expand is in place.')}
${queries.join('\nunion all\n')};
`;
}

/** Returns what contract should have done and has not. */
export function contractCheckSql(change: Change): string {
  const { insert, update, filled } = syncNames(change);
  const present = (kind: string, name: string, query: string): string =>
    `select ${quoteText(`${kind} ${name} of ${change.table.schema}.${change.table.name} is still there`)} as problem
where exists (
  ${query}
)`;
  const column = (name: string, more: string): string =>
    `select from pg_catalog.pg_attribute
  where attrelid = ${regclass(change)} and attname = ${quoteText(name)} and not attisdropped${more}`;
  const queries = [
    present('column', change.old.name, column(change.old.name, '')),
    ...[insert, update].map((name) =>
      present(
        'trigger',
        name,
        `select from pg_catalog.pg_trigger where tgrelid = ${regclass(change)} and tgname = ${quoteText(name)}`,
      ),
    ),
    present(
      'constraint',
      filled,
      `select from pg_catalog.pg_constraint where conrelid = ${regclass(change)} and conname = ${quoteText(filled)}`,
    ),
    ...change.fresh.map(
      ({ name, isRequired }) =>
        `select ${quoteText(`column ${name} of ${change.table.schema}.${change.table.name} is missing${isRequired ? ' or may be null' : ''}`)}
where not exists (
  ${column(name, isRequired ? ' and attnotnull' : '')}
)`,
    ),
  ];
  return `${headOf(change, 'Returns what is not as it should be: no row means that contract is complete.')}
${queries.join('\nunion all\n')};
`;
}
