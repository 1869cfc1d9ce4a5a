/** What the undo of one part would lose now. */
export type PartLosses = {
  readonly effect: string;
  /** `undefined`: nothing says how to find out. */
  readonly rows?: number;
  readonly keys: readonly string[];
};

export type UndoPreview = { readonly sentence: string; readonly parts: readonly PartLosses[] };

const mostShown = 10;

const rowsText = (rows: number): string => `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;

/** `3 rows (keys 1, 2, 3)`; the first ten keys at most. */
export function lossText(rows: number, keys: readonly string[]): string {
  const few = keys.slice(0, mostShown);
  const more = rows > few.length ? ', …' : '';
  return `${rowsText(rows)} (${few.length === 1 ? 'key' : 'keys'} ${few.join(', ')}${more})`;
}

/** What an abort would lose, before anybody orders it. */
export function describePreview(parts: readonly PartLosses[]): string {
  if (parts.length === 0) return 'Nothing is migrated: an undo would lose no row.';
  const lost = parts.filter(({ rows = 0 }) => rows > 0);
  const unknown = parts.filter(({ rows }) => rows === undefined).map(({ effect }) => effect);
  const told =
    lost.length === 0
      ? 'An undo now would lose no row that a query of losses finds'
      : `An undo now would lose ${lost.map(({ effect, rows = 0, keys }) => `${lossText(rows, keys)} in ${effect}`).join(', ')}; the data steward would be asked first`;
  return unknown.length === 0 ? `${told}.` : `${told}. Not checked for loss: ${unknown.join(', ')}.`;
}
