import type { Change, NewColumn } from './change';
import type { ColumnRef, Expression } from './expression';
import { quoteName } from './names';

/** Which version of a row is meant: `''` in a query, `new.` and `old.` in a trigger. */
export type RowPrefix = '' | 'new.' | 'old.';

export const refIn =
  (row: RowPrefix): ColumnRef =>
  (column) =>
    `${row}${quoteName(column)}`;

/** Types whose `=` is true for the same bits only; of the others the stored bits are compared. */
const exact =
  /^(smallint|integer|int|int2|int4|int8|bigint|boolean|bool|uuid|date|bytea|text|(character varying|varchar)( *\(\d+\))?|timestamp(tz)?( *\(\d\))?( with(out)? time zone)?)$/i;

/** Without its length, which an explicit cast would cut the value to; `character` needs its own to be padded. */
const bare = (type: string): string =>
  /^(character|char|bpchar)\b(?! varying)/i.test(type)
    ? type
    : type.replace(/ collate .*$/i, '').replace(/ *\([\d, ]+\)/, '');

/** Cast, because PostgreSQL takes two bare rows apart and looks for the operator of their members. */
const record = (value: string): string => `row(${value})::record`;

const same = (left: string, right: string, type: string): string =>
  exact.test(type.trim())
    ? `${left} is not distinct from ${right}`
    : `${record(left)} operator(pg_catalog.*=) ${record(`cast(${right} as ${bare(type)})`)}`;

const all = (conditions: readonly string[], between = ' and '): string => conditions.join(between);
const any = (conditions: readonly string[]): string => conditions.join(' or ');

/** Whether a null new form is a value of its own: then null stands for null, both ways. */
const mayBeNull = ({ fresh }: Change): boolean => fresh.every(({ isRequired }) => !isRequired);

export const isWritten = ({ fresh }: Change, row: RowPrefix): string =>
  any(fresh.map(({ name }) => `${refIn(row)(name)} is not null`));

const nullForNull = (expression: Expression, isGiven: string, ref: ColumnRef): string =>
  expression.isStrict ? expression.sql(ref) : `case when ${isGiven} then ${expression.sql(ref)} end`;

/** The value of a new column, from the old form. */
export function forwardOf(change: Change, { forward }: NewColumn, row: RowPrefix): string {
  const ref = refIn(row);
  return mayBeNull(change) ? nullForNull(forward, `${ref(change.old.name)} is not null`, ref) : forward.sql(ref);
}

/** The old value, from the new form. */
export function backOf(change: Change, row: RowPrefix): string {
  const ref = refIn(row);
  return mayBeNull(change) ? nullForNull(change.back, isWritten(change, row), ref) : change.back.sql(ref);
}

/** Bracketed where it is more than a column, so that it can stand in a comparison. */
const operand = (sql: string): string => (/^case /.test(sql) ? `(${sql})` : sql);

/** Whether the new form is what the old one gives. */
export const newFollows = (change: Change, row: RowPrefix, between = ' and '): string =>
  all(
    change.fresh.map((column) => same(refIn(row)(column.name), operand(forwardOf(change, column, row)), column.type)),
    between,
  );

const oldFollows = (change: Change, row: RowPrefix): string =>
  same(refIn(row)(change.old.name), operand(backOf(change, row)), change.old.type);

/** Whether a row has its new form at all. */
export function isFilled(change: Change, row: RowPrefix): string {
  const ref = refIn(row);
  const required = change.fresh.filter(({ isRequired }) => isRequired);
  if (required.length > 0) return all(required.map(({ name }) => `${ref(name)} is not null`));
  const [only, ...more] = change.fresh;
  if (only !== undefined && more.length === 0 && only.forward.repeats !== undefined)
    return `${ref(only.name)} is not null or ${ref(change.old.name)} is null`;
  return `${isWritten(change, row)} or (${all(change.fresh.map((column) => `${forwardOf(change, column, row)} is null`))})`;
}

/** Whether both forms of a row say the same: one of them gives the other. */
export function agree(change: Change, row: RowPrefix, indent = ''): string {
  const forward = newFollows(change, row, `\n${indent}      and `);
  const isPlain =
    change.fresh.every((column) => column.forward.repeats !== undefined) && change.back.repeats !== undefined;
  const either = isPlain
    ? forward
    : `(\n${indent}    (${forward})\n${indent}    or ${oldFollows(change, row)}\n${indent}  )`;
  return mayBeNull(change) ? either : `${isFilled(change, row)}\n${indent}  and ${either}`;
}

export const hasChanged = (columns: readonly { readonly name: string; readonly type: string }[]): string =>
  columns
    .map(({ name, type }) => {
      const [after, before] = [refIn('new.')(name), refIn('old.')(name)];
      return exact.test(type.trim())
        ? `${after} is distinct from ${before}`
        : `${record(after)} operator(pg_catalog.*<>) ${record(before)}`;
    })
    .join('\n    or ');
