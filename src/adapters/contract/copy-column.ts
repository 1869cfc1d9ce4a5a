import { escapeIdentifier } from 'pg';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import type { Copy, Source } from './keep-copy';
import { nameRemoved, qualified, type Removed } from './removed';

/** Columns by which a row is found again: the primary key, else a unique index without nulls; never with the column itself. */
export async function readKey(session: Session, removed: Removed): Promise<readonly string[]> {
  const { rows } = await session.query<{ names: readonly string[] }>(
    `select array_agg(a.attname::text order by k.place) as names
       from pg_index i cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = $1::oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
      group by i.indexrelid, i.indisprimary
     having bool_and(a.attnotnull) and bool_and(a.attnum <> $2)
      order by i.indisprimary desc, i.indexrelid limit 1`,
    { values: [removed.oid, removed.attnum] },
  );
  const names = rows[0]?.names;
  if (names !== undefined) return names;
  throw new PortError(
    'Rejected',
    `restore point of ${nameRemoved(removed)}: the table has no primary key, nor a unique index without nulls, beside the column, so a ` +
      'copied value could not find its row again; add one, or name `backup` and `testRestore` commands for the target',
  );
}

/** A copy of one column: its values that are not null, each with the key of its row. */
export async function copyColumn(
  session: Session,
  { at, of, column }: Source & { readonly column: string },
  kept: string,
): Promise<Copy> {
  const { rows } = await session.query<{ type: string; collation: string | null; value: string | null }>(
    `select format_type(a.atttypid, a.atttypmod) as type, pg_get_expr(d.adbin, d.adrelid) as value,
            case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end as collation
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
      where a.attrelid = $1::oid and a.attnum = $2`,
    { values: [at.oid, at.attnum] },
  );
  const [{ type, collation, value } = { type: 'text', collation: null, value: null }] = rows;
  const names = await readKey(session, at);
  const key = names.map(escapeIdentifier);
  const from = qualified(at.schema, at.table);
  const now = escapeIdentifier(column);
  const back = escapeIdentifier(of.column ?? column);
  const list = key.join(', ');
  const held = (table: string, name: string): string =>
    `select row(${[...key, name].map((each) => `o.${each}`).join(', ')})::text as r from ${table} o where o.${name} is not null`;
  return {
    key: names,
    take: `create table ${kept} as select ${list}, ${now} as ${back} from ${from} where ${now} is not null`,
    original: held(from, now),
    prepare: (scratch) => [
      `create table ${scratch} as select ${list} from ${from}`,
      `alter table ${scratch} add primary key (${list})`,
    ],
    restore: (on) => [
      `alter table ${on} add column ${back} ${type}${collation === null ? '' : ` collate ${collation}`}`,
      `update ${on} o set ${back} = k.${back} from ${kept} k where ${key.map((each) => `o.${each} = k.${each}`).join(' and ')}`,
    ],
    rest:
      value === null ? [] : [`alter table ${qualified(of.schema, of.table)} alter column ${back} set default ${value}`],
    restored: (scratch) => held(scratch, back),
  };
}
