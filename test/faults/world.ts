import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fields, Files } from '../support/shop-descriptor';
import type { RowFact } from './checker/facts';

/** What the releases of a case change in the service's database, and how its versions write there. */
export type World = {
  /** The database before each case. */
  readonly schemaSql: string;
  /** Its rows then. */
  readonly baseRows: readonly RowFact[];
  /** A new row in the form of the version that writes it; its parameters are ref, name and total. */
  insertOf(version: string): string;
  /** Another total of a row, by ref and total; users of a world without it only add rows. */
  readonly updateOf?: (version: string) => string;
  /** What the query of the rows takes as their total, by the columns that are there. */
  readonly totalIn: (columns: readonly string[]) => string;
  /** The migrations as the descriptor has them, and all files that it names. */
  readonly migrations: readonly Fields[];
  readonly files: Files;
  /** Files in the order in which they take an empty database to each schema at rest. */
  readonly toExpanded: readonly string[];
  readonly toContracted: readonly string[];
  /** Whether the backfill counts how often it filled a row. */
  readonly countsFills: boolean;
  /** Parts that the ledger names, `002/expand`. */
  readonly ledger: { readonly promoted: readonly string[]; readonly contracted: readonly string[] };
  /** Parts that a promoted release has applied once each, by the marks they leave; contract leaves its own. */
  readonly marks: { readonly promoted: readonly string[]; readonly contracted: readonly string[] };
};

export const readSql = (name: string): string => readFileSync(join(__dirname, 'sql', name), 'utf8');

export const filesOf = (...names: readonly string[]): Files =>
  Object.fromEntries(names.map((name) => [name, readSql(name)]));
