import { escapeIdentifier } from 'pg';
import { hiddenName } from '../../core/contract/names';
import type { Session } from '../postgres/session';
import { qualified, type Removed } from './removed';
import type { Hidden } from './retired';
import { keptSchema } from '../migrations/own-schemas';
import { readTableDdl } from '../migrations/schema-copy/table-ddl';
import { withSearchPath } from '../postgres/search-path';

/**
 * Renames what a contract file removes and puts an empty stand-in in its place, for the file to remove.
 * The file itself so runs as it was written, and its digest holds.
 */
export function hide(
  session: Session,
  removed: Removed,
  by: { readonly release: string; readonly timeoutMs: number },
): Promise<Hidden> {
  const { column } = removed;
  return column === undefined
    ? hideTable(session, removed, by)
    : hideColumn(session, { ...removed, column }, by.release);
}

async function hideColumn(
  session: Session,
  { oid, attnum, schema, table, column }: Removed & { readonly column: string },
  release: string,
): Promise<Hidden> {
  const on = qualified(schema, table);
  const name = escapeIdentifier(column);
  const hidden = hiddenName(column, release);
  const { rows: columns } = await session.query<{ type: string; is_plain: boolean }>(
    `select format_type(atttypid, atttypmod) as type, attgenerated = '' as is_plain
       from pg_attribute where attrelid = $1::oid and attnum = $2`,
    { values: [oid, attnum] },
  );
  const { rows: constraints } = await session.query<{ name: string; type: string; definition: string }>(
    `select conname as name, contype::text as type, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = $1::oid and $2 = any (conkey) and contype in ('c', 'f', 'p')`,
    { values: [oid, attnum] },
  );
  const [{ type, is_plain: isPlain } = { type: 'text', is_plain: true }] = columns;
  const drops = constraints.map((each) => `drop constraint ${escapeIdentifier(each.name)}`);
  // They would keep new rows out: those no longer have a value here, but for a default, which they would have got before.
  const eased = isPlain ? ['drop identity if exists', 'drop not null'] : ['drop not null'];
  const remains = constraints.filter((each) => each.type !== 'p');
  await session.query(
    [
      ...(drops.length === 0 ? [] : [`alter table ${on} ${drops.join(', ')}`]),
      ...eased.map((each) => `alter table ${on} alter column ${name} ${each}`),
      `alter table ${on} rename column ${name} to ${escapeIdentifier(hidden)}`,
      `alter table ${on} add column ${name} ${type}`,
      ...remains.map((each) => {
        const isUnread = / not valid$/i.test(each.definition);
        return `alter table ${on} add constraint ${escapeIdentifier(each.name)} ${each.definition}${isUnread ? '' : ' not valid'}`;
      }),
    ].join(';\n'),
  );
  return { of: { schema, table, column }, at: { schema, table, column: hidden } };
}

async function hideTable(
  session: Session,
  { oid, schema, table }: Removed,
  { release, timeoutMs }: { readonly release: string; readonly timeoutMs: number },
): Promise<Hidden> {
  const ddl = await readTableDdl(session, { oid, schema }, timeoutMs);
  const on = qualified(schema, table);
  const hidden = hiddenName(table, release);
  const away = qualified(keptSchema, table);
  await session.query(
    [
      // Foreign keys of the table would go on guarding rows that nobody maintains.
      ...ddl.references.map(({ name }) => `alter table ${on} drop constraint ${name}`),
      `alter table ${on} set schema ${keptSchema}`,
      `alter table ${away} rename to ${escapeIdentifier(hidden)}`,
    ].join(';\n'),
  );
  const made = [...ddl.table, ...ddl.rules, ...ddl.references]
    // Statistics stay where they were when their table goes to another schema.
    .filter((each) => !('object' in each && each.object.startsWith('statistics ')))
    .map((each) => each.ddl);
  await withSearchPath(session, schema, () => session.query(made.join(';\n')));
  return { of: { schema, table }, at: { schema: keptSchema, table: hidden } };
}
