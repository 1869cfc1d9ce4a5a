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
};

/** `public.orders.customer`, for people. */
export const nameRemoved = ({ schema, table, column }: Removed): string =>
  [schema, table, ...(column === undefined ? [] : [column])].join('.');

export const qualified = (schema: string, table: string): string =>
  `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;

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
    const name = schema === undefined ? escapeIdentifier(table) : qualified(schema, table);
    const { rows } = await session.query<{ oid: string; schema: string; attnum: number | null }>(
      `select c.oid::text as oid, n.nspname as schema,
              case when $2::text is null then 0 else (select attnum from pg_attribute
                where attrelid = c.oid and attname = $2 and attnum > 0 and not attisdropped) end as attnum
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`,
      { values: [name, column ?? null] },
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
