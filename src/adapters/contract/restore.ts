import type { Reference } from '../migrations/schema-copy/table-ddl';

/** How a copy comes back; names without a schema are looked for in `schema` first, in a test restore in a schema of its own. */
export type Restore = {
  readonly schema: string;
  /** Both as SQL writes them. */
  readonly table: string;
  readonly column?: string;
  /** Makes the table or the column again. */
  readonly before: readonly string[];
  /** Gives the rows back; for a column it ends in a condition on the copy `k`, to which a range of its pages can be added. */
  readonly rows: string;
  /** What guards the rows of a table, and what its sequences have counted. */
  readonly after: readonly string[];
  readonly counters: readonly string[];
  /** References to other tables, which may lack rows that were there once. */
  readonly references: readonly Reference[];
};
