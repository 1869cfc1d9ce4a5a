import { escapeIdentifier } from 'pg';
import { PortError } from '../../ports/errors';
import { ownMark } from '../../core/contract/own-mark';
import { trySchema } from '../migrations/own-schemas';
import { withSearchPath } from '../postgres/search-path';
import type { Session } from '../postgres/session';
import type { Copy, Source } from './keep-copy';
import { nameRemoved, qualified, type Removed } from './removed';
import type { Restore } from './restore';

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
  { at, of, column, stored }: Source & { readonly column: string; readonly stored: Restore | undefined },
  kept: string,
): Promise<Copy> {
  const { type, collation, value } = await withSearchPath(session, of.schema, () => readColumn(session, at));
  const names = await readKey(session, at);
  const key = names.map(escapeIdentifier);
  const from = qualified(at.schema, at.table);
  const now = escapeIdentifier(column);
  const back = escapeIdentifier(of.column ?? column);
  const list = key.join(', ');
  const table = escapeIdentifier(of.table);
  const tried = `${trySchema}.${table}`;
  const held = (on: string, name: string): string =>
    `select row(${[...key, name].map((each) => `o.${each}`).join(', ')})::text as r from ${on} o where o.${name} is not null`;
  return {
    key: names,
    take: `create table ${kept} as select ${ownMark} ${list}, ${now} as ${back} from ${from} where ${now} is not null`,
    original: held(from, now),
    prepare: [
      `create table ${tried} as select ${ownMark} ${list} from ${from}`,
      `alter table ${tried} add primary key (${list})`,
    ],
    restored: held(tried, back),
    restore: {
      schema: of.schema,
      table,
      column: of.column ?? column,
      // Under its hidden name a column has lost its default.
      before: stored?.before ?? [
        `alter table ${table} add column ${back} ${type}${collation === null ? '' : ` collate ${collation}`}`,
        ...(value === null ? [] : [`alter table ${table} alter column ${back} set default ${value}`]),
      ],
      // What was written since the column is back stays.
      rows: `update ${ownMark} ${table} o set ${back} = k.${back} from ${kept} k where ${key.map((each) => `o.${each} = k.${each}`).join(' and ')} and o.${back} is null`,
      after: [],
      counters: [],
      references: [],
    },
  };
}

type Column = { readonly type: string; readonly collation: string | null; readonly value: string | null };

/** A default that takes from a sequence of the column itself goes with the column. */
async function readColumn(session: Session, { oid, attnum }: Removed): Promise<Column> {
  const { rows } = await session.query<Column>(
    `select format_type(a.atttypid, a.atttypmod) as type,
            case when s.objid is null then pg_get_expr(d.adbin, d.adrelid) end as value,
            case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end as collation
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
       left join pg_depend s on s.classid = 'pg_class'::regclass and s.refclassid = 'pg_class'::regclass
                            and s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype in ('a', 'i')
                            and exists (select from pg_sequence q where q.seqrelid = s.objid)
      where a.attrelid = $1::oid and a.attnum = $2`,
    { values: [oid, attnum] },
  );
  return rows[0] ?? { type: 'text', collation: null, value: null };
}
