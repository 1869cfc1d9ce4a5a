import { escapeIdentifier, escapeLiteral } from 'pg';
import { ownMark } from '../../core/contract/own-mark';
import { PortError } from '../../ports/errors';
import { trySchema } from '../migrations/own-schemas';
import { readTableDdl } from '../migrations/schema-copy/table-ddl';
import type { Session } from '../postgres/session';
import type { Copy, Source } from './keep-copy';
import { nameRemoved, qualified, type Removed } from './removed';
import type { Restore } from './restore';

/** A copy of a whole table; everything that belongs to it comes back with its rows. */
export async function copyTable(
  session: Session,
  { at, of, stored, timeoutMs }: Source & { readonly stored: Restore | undefined; readonly timeoutMs: number },
  kept: string,
): Promise<Copy> {
  await refuseTied(session, at);
  const ddl = await readTableDdl(session, at, timeoutMs);
  const from = qualified(at.schema, at.table);
  const table = escapeIdentifier(of.table);
  const now = escapeIdentifier(at.table);
  const columns = (await readColumns(session, at)).join(', ');
  // Under its hidden name a table has lost its references, so what was read under its own name holds.
  const made = stored ?? {
    before: ddl.table.map((each) => each.ddl),
    after: [...ddl.rules.map((each) => each.ddl), ...(now === table ? [] : [`alter table ${now} rename to ${table}`])],
    references: ddl.references,
  };
  const asText = (on: string): string => `select row(o.*)::text as r from ${on} o`;
  return {
    key: [],
    take: `create table ${kept} as select ${ownMark} * from ${from}`,
    original: asText(from),
    prepare: [],
    restored: asText(`${trySchema}.${table}`),
    restore: {
      schema: of.schema,
      table,
      before: made.before,
      rows: `insert into ${stored === undefined ? now : table} (${columns}) overriding system value select ${ownMark} ${columns} from ${kept}`,
      after: made.after,
      counters: await readCounters(session, at, table),
      references: made.references,
    },
  };
}

/** @throws PortError `Rejected` for a table that lives by others: parts of it are no rows or definitions of its own. */
async function refuseTied(session: Session, removed: Removed): Promise<void> {
  const { rows } = await session.query<{ is_tied: boolean }>(
    `select relkind = 'p' or reloftype <> 0 or exists (select from pg_inherits where $1::oid in (inhrelid, inhparent)) as is_tied
       from pg_class where oid = $1::oid`,
    { values: [removed.oid] },
  );
  if (rows[0]?.is_tied !== true) return;
  throw new PortError(
    'Rejected',
    `restore point of ${nameRemoved(removed)}: no copy brings back a table with partitions, parents, children or a type of its own; ` +
      'name `backup` and `testRestore` commands for the target',
  );
}

/** Columns that hold values of their own, quoted. */
async function readColumns(session: Session, { oid }: Removed): Promise<readonly string[]> {
  const { rows } = await session.query<{ name: string }>(
    `select attname as name from pg_attribute
      where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    { values: [oid] },
  );
  return rows.map(({ name }) => escapeIdentifier(name));
}

/** How far the table's own sequences have counted, as statements that make them go on from there. */
async function readCounters(session: Session, { oid }: Removed, table: string): Promise<readonly string[]> {
  const { rows: owned } = await session.query<{ column: string; sequence: string }>(
    `select a.attname as column, format('%I.%I', n.nspname, s.relname) as sequence
       from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace n on n.oid = s.relnamespace
       join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = $1::oid
        and d.deptype in ('a', 'i')`,
    { values: [oid] },
  );
  const counters: string[] = [];
  for (const { column, sequence } of owned) {
    const { rows } = await session.query<{ last_value: string; is_called: boolean }>(
      `select last_value, is_called from ${sequence}`,
    );
    for (const { last_value: last, is_called: isCalled } of rows)
      counters.push(
        `select setval(pg_get_serial_sequence(${escapeLiteral(table)}, ${escapeLiteral(column)}), ${last}, ${isCalled})`,
      );
  }
  return counters;
}
