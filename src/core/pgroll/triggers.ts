import type { Json } from '../json';
import { isRecord } from './is-record';
import type { PgrollFile, PgrollOperation } from './read-file';

/** A trigger that `start` makes: `up` writes the new form when old code writes, `down` the old one when new code does. */
export type PgrollTrigger = {
  readonly name: string;
  readonly table: string;
  readonly direction: 'up' | 'down';
  /** Columns without which every write to the table fails in it. */
  readonly columns: readonly string[];
};

/** A table whose rows `start` fills; with a trigger `down` on it no write of new code leaves a row marked as unfilled. */
export type FilledTable = { readonly table: string; readonly isTwoWay: boolean };

/** PostgreSQL cuts longer names, and two that are cut alike are one trigger. */
export const longestName = 63;

const nameOf = (table: string, column: string): string => `_pgroll_trigger_${table}_${column}`;

/** Every trigger that must be there once a migration is started; pgroll goes on without those that it could not make. */
export function triggersOf({ operations }: PgrollFile): readonly PgrollTrigger[] {
  const all = operations.flatMap(triggersOfOne);
  return [...new Map(all.map((trigger) => [trigger.name, trigger])).values()];
}

function triggersOfOne({ name, body }: PgrollOperation): readonly PgrollTrigger[] {
  const table = text(body['table']);
  if (table === undefined) return [];
  const trigger = (direction: 'up' | 'down', column: string, columns: readonly string[]): PgrollTrigger => ({
    name: nameOf(table, column),
    table,
    direction,
    columns,
  });
  const fresh = (column: string): string => `_pgroll_new_${column}`;
  const both = (column: string): readonly PgrollTrigger[] => [
    trigger('up', column, [column, fresh(column)]),
    trigger('down', fresh(column), [column, fresh(column)]),
  ];
  switch (name) {
    case 'add_column': {
      const column = body['column'];
      const added = isRecord(column) ? text(column['name']) : undefined;
      return added === undefined || text(body['up']) === undefined ? [] : [trigger('up', added, [fresh(added)])];
    }
    case 'alter_column':
      return columnsOf(body['column']).flatMap(both);
    case 'drop_column':
      return text(body['down']) === undefined
        ? []
        : columnsOf(body['column']).map((column) => trigger('down', column, [column]));
    case 'create_constraint':
      return columnsOf(body['columns']).flatMap(both);
    case 'drop_multicolumn_constraint':
      return [...new Set([body['up'], body['down']].flatMap((sql) => (isRecord(sql) ? Object.keys(sql) : [])))].flatMap(
        both,
      );
    default:
      return [];
  }
}

/** The tables whose old rows `start` has to fill. A trigger that only serves new code fills none. */
export function tablesToFill(file: PgrollFile): readonly FilledTable[] {
  const triggers = triggersOf(file);
  const filled = new Set(triggers.filter(({ direction }) => direction === 'up').map(({ table }) => table));
  return [...filled].map((table) => ({
    table,
    isTwoWay: triggers.some((trigger) => trigger.table === table && trigger.direction === 'down'),
  }));
}

/** Every table that the operations name and that was there before. */
export const tablesOf = ({ operations }: PgrollFile): readonly string[] => [
  ...new Set(operations.flatMap(({ body }) => [text(body['table']) ?? text(body['from']) ?? []].flat())),
];

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const columnsOf = (value: Json | undefined): readonly string[] =>
  (isList(value) ? value : [value]).flatMap((column) => text(column) ?? []);
