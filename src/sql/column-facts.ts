import type { ColumnDef, Node } from 'libpg-query';
import { constraintsIn, has } from './alter-table';
import { wordsOf } from './names';
import { functionsCalled, holds } from './walk';

/** The last word of a column's type, such as `int4`, `serial` or `json`. */
export const typeOf = ({ typeName }: ColumnDef): string => wordsOf(typeName?.names).at(-1) ?? '';

const serials = new Set(['serial', 'serial2', 'serial4', 'serial8', 'smallserial', 'bigserial']);
export const isSerial = (column: ColumnDef): boolean => serials.has(typeOf(column));

export const isIdentity = (column: ColumnDef): boolean => has(column, 'CONSTR_IDENTITY');

/** Stored: its value is written into every row; a virtual one (PostgreSQL 18) is not. */
export const isStoredGenerated = (column: ColumnDef): boolean =>
  constraintsIn(column.constraints).some(
    ({ contype, generated_kind: kind }) => contype === 'CONSTR_GENERATED' && kind !== 'v',
  );

export const isNotNull = (column: ColumnDef): boolean => has(column, 'CONSTR_NOTNULL') || has(column, 'CONSTR_PRIMARY');

export const defaultOf = (column: ColumnDef): Node | undefined =>
  constraintsIn(column.constraints).find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;

/** Their value is the same throughout a statement, so PostgreSQL computes it once and stores it beside the table. */
const steady = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_setting',
  'current_database',
  'current_schema',
  'lower',
  'upper',
  'md5',
  'to_timestamp',
  'to_json',
  'to_jsonb',
  'json_build_object',
  'json_build_array',
  'jsonb_build_object',
  'jsonb_build_array',
  'make_date',
  'make_interval',
  'make_timestamptz',
  'date_trunc',
  'timezone',
  'coalesce',
  'concat',
  'decode',
  'repeat',
]);

/** Whether a default may be another value for each row: it calls a function that is not known to be steady. */
export function isVolatile(value: Node): boolean {
  if (holds(value, (kind) => kind === 'SubLink')) return true;
  return functionsCalled(value).some((words) => {
    const schema = words.length > 1 ? words[0] : undefined;
    return !steady.has(words.at(-1) ?? '') || (schema !== undefined && schema !== 'pg_catalog');
  });
}

/** Whether adding the column writes every row anew. */
export const rewritesTable = (column: ColumnDef): boolean => {
  const value = defaultOf(column);
  return (
    isSerial(column) || isIdentity(column) || isStoredGenerated(column) || (value !== undefined && isVolatile(value))
  );
};
