import { escapeIdentifier } from 'pg';
import { hiddenName } from '../../core/contract/names';
import type { Session } from '../postgres/session';
import { qualified, type Removed } from './removed';
import type { Hidden } from './retired';
import { readTableDefinition } from './table-definition';
import { keptSchema } from '../migrations/own-schemas';

/**
 * Renames what a contract file removes and puts an empty stand-in in its place, for the file to remove.
 * The file itself so runs as it was written, and its digest holds.
 */
export function hide(session: Session, removed: Removed, release: string): Promise<Hidden> {
  const { column } = removed;
  return column === undefined
    ? hideTable(session, removed, release)
    : hideColumn(session, { ...removed, column }, release);
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

async function hideTable(session: Session, { oid, schema, table }: Removed, release: string): Promise<Hidden> {
  const definition = await readTableDefinition(session, { oid, schema, table });
  const { rows: references } = await session.query<{ name: string }>(
    `select conname as name from pg_constraint where conrelid = $1::oid and contype = 'f'`,
    { values: [oid] },
  );
  const on = qualified(schema, table);
  const hidden = hiddenName(table, release);
  const away = qualified(keptSchema, table);
  await session.query(
    [
      // Foreign keys of the table would go on guarding rows that nobody maintains.
      ...references.map(({ name }) => `alter table ${on} drop constraint ${escapeIdentifier(name)}`),
      `alter table ${on} set schema ${keptSchema}`,
      `alter table ${away} rename to ${escapeIdentifier(hidden)}`,
      definition.create(on),
      ...definition.rest,
    ].join(';\n'),
  );
  return { of: { schema, table }, at: { schema: keptSchema, table: hidden } };
}
