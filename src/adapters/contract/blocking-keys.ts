import { escapeIdentifier } from 'pg';
import type { Session } from '../postgres/session';
import { qualified } from './removed';
import type { Hidden } from './retired';

// A plain key column that is null keeps a row apart from every other, unless nulls count as equal (PostgreSQL 15 and newer);
// one that has a default is not null, but the same in every row.
const blockingSql = `
  select x.relname::text as index, k.conname::text as constraint
    from pg_attribute a
    join pg_index i on i.indrelid = a.attrelid and (i.indisunique or i.indisexclusion)
    join pg_class x on x.oid = i.indexrelid
    left join pg_constraint k on k.conindid = x.oid and k.contype in ('p', 'u', 'x')
    cross join lateral (select
      a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]) as is_key,
      exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = x.oid
                 and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum)
        and (i.indexprs is not null or i.indpred is not null) as is_in_expression) uses
   where a.attrelid = $1::regclass and a.attname = $2
     and (is_key and (coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false) or a.atthasdef and a.attgenerated = '') or not is_key and is_in_expression)`;

/**
 * Drops the unique keys by which rows without the hidden column would be equal: the new version could write only one of them.
 * Called after the file, which may drop them itself.
 */
export async function dropBlockingKeys(session: Session, { at: { schema, table, column } }: Hidden): Promise<void> {
  if (column === undefined) return;
  const on = qualified(schema, table);
  const { rows } = await session.query<{ index: string; constraint: string | null }>(blockingSql, {
    values: [on, column],
  });
  for (const { index, constraint } of rows)
    await session.query(
      constraint === null
        ? `drop index ${qualified(schema, index)}`
        : `alter table ${on} drop constraint ${escapeIdentifier(constraint)}`,
    );
}
