import { sha256Hex } from '../canonical';
import type { Removal } from './removal';

/** PostgreSQL cuts names off at 63 bytes, and two of them would become one. */
const longestBytes = 63;

const fit = (name: string, room: number): string => {
  const isShort = new TextEncoder().encode(name).length <= room;
  return isShort ? name : `${/^[\w$]{0,12}/.exec(name)?.[0] ?? ''}_${sha256Hex(name).slice(0, 10)}`;
};

const tagOf = (release: string): string => sha256Hex(release).slice(0, 8);

/** A regular expression of PostgreSQL for names that `hiddenName` makes. */
export const hiddenPattern = '__spillway_drop_[0-9a-f]{8}$';

/** What a column or table is called between its renaming and its drop. */
export function hiddenName(name: string, release: string): string {
  const end = `__spillway_drop_${tagOf(release)}`;
  return `${fit(name, longestBytes - end.length)}${end}`;
}

/** What the copy of a column or table is called in the schema of copies. */
export function keptName({ table, column }: Removal, release: string): string {
  const end = `__${tagOf(release)}`;
  const name = column === undefined ? table : `${table}__${column}`;
  return `${fit(name, longestBytes - end.length)}${end}`;
}
