import type { Expression } from './expression';
import type { TableName } from './names';

/** The column that the version in service knows. */
export type OldColumn = {
  readonly name: string;
  /** As SQL writes it, with its length and collation. */
  readonly type: string;
  readonly isRequired: boolean;
  /** SQL of its default. */
  readonly byDefault?: string;
};

/** A column that the new version knows. */
export type NewColumn = {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** Its value, from the old column. */
  readonly forward: Expression;
};

/** A privilege on the old column alone, which the new ones get too. */
export type ColumnGrant = { readonly privilege: string; readonly role: string };

/** An index over whole columns, the old one among them, which is built anew for the new one. */
export type ColumnIndex = {
  readonly method: string;
  readonly isUnique: boolean;
  readonly columns: readonly string[];
};

/** One column that gets another form: both forms live in one row until contract. */
export type Change = {
  /** The migration's id: lower-case letters, digits and dashes. */
  readonly id: string;
  /** What is done, for the head of each file. */
  readonly title: string;
  readonly table: TableName;
  readonly old: OldColumn;
  readonly fresh: readonly NewColumn[];
  /** The old value, from the new columns. */
  readonly back: Expression;
  /** A column with a unique index that is never null: it names rows, and the backfill goes by it. */
  readonly key?: string;
  /** The backfill looks for open rows in every batch, although there is a key to go by. */
  readonly isRepeated?: boolean;
  readonly grants: readonly ColumnGrant[];
  readonly indexes?: readonly ColumnIndex[];
};
