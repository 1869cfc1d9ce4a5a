import { escapeIdentifier } from 'pg';
import type { MigrateEffect } from '../../ports/migrations';
import { readContractFile, type ContractFile } from '../../sql/contract-file';
import { readStatements } from '../migrations/sql-file';
import type { Session } from '../postgres/session';

/** A column or table that is there and that a contract part removes. */
export type Removed = {
  readonly oid: string;
  /** 0 for a whole table. */
  readonly attnum: number;
  readonly schema: string;
  readonly table: string;
  readonly column?: string;
  /** Whether it goes along as a partition or child of one that the file names. */
  readonly isPart?: true;
};

/** `public.orders.customer`, for people. */
export const nameRemoved = ({ schema, table, column }: Removed): string =>
  [schema, table, ...(column === undefined ? [] : [column])].join('.');

export const qualified = (schema: string, table: string): string =>
  `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;

/** As a file names it, for `to_regclass`: without a schema it is looked for along the search path. */
export const writtenName = ({
  schema,
  name,
}: {
  readonly schema?: string | undefined;
  readonly name: string;
}): string => (schema === undefined ? escapeIdentifier(name) : qualified(schema, name));

/** @throws PortError `Rejected` when the file is not SQL. */
export async function readFileOf({ apply }: MigrateEffect): Promise<ContractFile> {
  return readContractFile(await readStatements(apply, apply.path));
}

/** What of it there is now; what is not there is not removed either. */
export async function findRemoved(
  session: Session,
  { removals }: Pick<ContractFile, 'removals'>,
): Promise<readonly Removed[]> {
  const found: Removed[] = [];
  for (const { schema, table, column } of removals) {
    const { rows } = await session.query<{ oid: string; schema: string; attnum: number | null }>(
      `select c.oid::text as oid, n.nspname as schema,
              case when $2::text is null then 0 else (select attnum from pg_attribute
                where attrelid = c.oid and attname = $2 and attnum > 0 and not attisdropped) end as attnum
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`,
      { values: [writtenName({ schema, name: table }), column ?? null] },
    );
    const [row] = rows;
    if (row === undefined || row.attnum === null) continue;
    found.push({
      oid: row.oid,
      attnum: row.attnum,
      schema: row.schema,
      table,
      ...(column === undefined ? {} : { column }),
    });
  }
  return found;
}

/** The same with every partition and child of it, which can be read by a name of its own. */
export async function withParts(session: Session, removed: readonly Removed[]): Promise<readonly Removed[]> {
  const all: Removed[] = [];
  for (const each of removed) {
    const { rows } = await session.query<{ oid: string; schema: string; table: string; attnum: number | null }>(
      `with recursive part as (
         select inhrelid as oid from pg_inherits where inhparent = $1::oid
         union select i.inhrelid from pg_inherits i join part p on i.inhparent = p.oid)
       select c.oid::text as oid, n.nspname as schema, c.relname as table,
              case when $2::text is null then 0 else (select attnum from pg_attribute
                where attrelid = c.oid and attname = $2 and attnum > 0 and not attisdropped) end as attnum
         from part join pg_class c on c.oid = part.oid join pg_namespace n on n.oid = c.relnamespace`,
      { values: [each.oid, each.column ?? null] },
    );
    const parts = rows.map(({ attnum, ...part }) => ({ ...each, ...part, attnum: attnum ?? 0, isPart: true as const }));
    all.push(each, ...parts);
  }
  return all;
}
