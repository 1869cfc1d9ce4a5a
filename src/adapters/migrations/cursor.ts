import type { KeyColumn } from './key-column';

const nameOf = ({ table, column }: Pick<KeyColumn, 'table' | 'column'>): string => `${table}.${column}`;

/** The last key that is done, as the ledger keeps it: with the column it is of. */
export const encodeCursor = (upper: string, key: KeyColumn): string => JSON.stringify({ key: nameOf(key), upper });

/** The last key that is done; undefined where there is none, or it is of another column and says nothing of this one. */
export function decodeCursor(cursor: string | undefined, key: KeyColumn): string | undefined {
  if (cursor === undefined) return undefined;
  const kept: unknown = JSON.parse(cursor);
  if (typeof kept !== 'object' || kept === null || !('key' in kept) || !('upper' in kept)) return undefined;
  return kept.key === nameOf(key) && typeof kept.upper === 'string' ? kept.upper : undefined;
}
