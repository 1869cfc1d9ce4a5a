import type { KeyRule } from '../../core/backfill/rule';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';

/** The key of a backfill as the database has it; names are quoted where they need it. */
export type KeyColumn = {
  readonly table: string;
  readonly column: string;
  /** Of the column, or what its domain is made of. */
  readonly type: string;
  /** The smallest value of the type, as text: where a backfill begins, exclusive. */
  readonly start: string;
  /** How many rows the table has, as the statistics of the server say; undefined where they know nothing. */
  readonly estimatedRows: number | undefined;
};

/** By the internal name of the type. Whatever else can be ordered has no smallest value that SQL can write. */
const starts: ReadonlyMap<string, string> = new Map([
  ['int2', '-32768'],
  ['int4', '-2147483648'],
  ['int8', '-9223372036854775808'],
  ['numeric', '-Infinity'],
  ['text', ''],
  ['varchar', ''],
  ['bpchar', ''],
  ['bytea', ''],
  ['uuid', '00000000-0000-0000-0000-000000000000'],
  ['date', '-infinity'],
  ['timestamp', '-infinity'],
  ['timestamptz', '-infinity'],
]);

type KeyRow = {
  table: string;
  column: string | null;
  type: string | null;
  type_name: string | null;
  is_unique: boolean;
  is_not_null: boolean;
  estimated: number;
};

const keySql = `
  select c.oid::regclass::text as table, quote_ident(a.attname) as column, t.typname as type_name,
         format_type(t.oid, -1) as type, coalesce(a.attnotnull, false) as is_not_null,
         exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid
                   and i.indnkeyatts = 1 and i.indkey[0] = a.attnum and i.indpred is null) as is_unique,
         (select sum(nullif(p.reltuples, -1)) from pg_class p
           where p.oid = c.oid or p.oid in (select relid from pg_partition_tree(c.oid) where isleaf)) as estimated
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attname = $2 and a.attnum > 0 and not a.attisdropped
    left join pg_type d on d.oid = a.atttypid
    left join pg_type t on t.oid = coalesce(nullif(d.typbasetype, 0), d.oid)
   where c.oid = to_regclass($1) and c.relkind in ('r', 'p')`;

/** @throws PortError `Rejected` for a key along which rows would be missed, or that no index finds. */
export async function readKeyColumn(session: Session, { table, column }: KeyRule, where: string): Promise<KeyColumn> {
  const named = `${where}: key ${table}.${column}`;
  const { rows } = await session.query<KeyRow>(keySql, { values: [table, column] });
  const [key] = rows;
  const refuse = (why: string, next: string) => new PortError('Rejected', `${named} ${why}; ${next}`);
  if (key === undefined) throw refuse('names no table', 'correct `key.table`');
  if (key.column === null || key.type === null || key.type_name === null)
    throw refuse('names no column of the table', 'correct `key.column`');
  if (!key.is_unique || !key.is_not_null) {
    const lacks = key.is_unique ? 'may be null' : 'has no unique index or primary key of its own';
    throw refuse(`${lacks}, so rows could be missed`, 'name a unique column that is never null, e.g. the primary key');
  }
  const start = starts.get(key.type_name);
  if (start === undefined)
    throw refuse(
      `is of type ${key.type}, which has no smallest value to begin after`,
      `name a key of type ${[...starts.keys()].join(', ')}, or leave \`key\` out`,
    );
  await refuseSmallest(session, { table: key.table, column: key.column, type: key.type, start }, refuse);
  const estimatedRows = key.estimated > 0 ? Number(key.estimated) : undefined;
  return { table: key.table, column: key.column, type: key.type, start, estimatedRows };
}

/** `key > start` is how the first batch begins: a row that has that very value would never be filled. */
async function refuseSmallest(
  session: Session,
  { table, column, type, start }: Pick<KeyColumn, 'table' | 'column' | 'type' | 'start'>,
  refuse: (why: string, next: string) => PortError,
): Promise<void> {
  const { rows } = await session.query(`select from ${table} where ${column} = $1::${type} limit 1`, {
    values: [start],
  });
  if (rows.length === 0) return;
  throw refuse(
    `has a row with the smallest value of type ${type} ('${start}'), which no batch would reach`,
    'fill that row in `expand`, give it another key, or leave `key` out',
  );
}

/** The end of a stretch of rows, found by the index. */
export type Stretch = { readonly upper: string; readonly keys: number };

/** The next `rows` keys after `lower`; undefined when there is none. */
export async function findStretch(
  session: Session,
  { table, column, type }: KeyColumn,
  { lower, rows }: { readonly lower: string; readonly rows: number },
): Promise<Stretch | undefined> {
  const after = `${table} where ${column} > $1::${type} order by ${column}`;
  const { rows: found } = await session.query<{ upper: string }>(
    `select ${column}::text as upper from ${after} offset $2 limit 1`,
    { values: [lower, rows - 1] },
  );
  const [last] = found;
  if (last !== undefined) return { upper: last.upper, keys: rows };
  // Fewer are left than asked for: whatever is left is one stretch, counted only this once.
  const { rows: rest } = await session.query<{ upper: string; keys: string }>(
    `select k.key::text as upper, count(*) over () as keys from (select ${column} as key from ${after} limit $2) k
      order by k.key desc limit 1`,
    { values: [lower, rows] },
  );
  const [end] = rest;
  return end === undefined ? undefined : { upper: end.upper, keys: Number(end.keys) };
}
