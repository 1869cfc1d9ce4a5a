import { lengthOf, span, type Line, type Tone } from './line';

export type Cell = string | { readonly text: string; readonly tone: Tone };

const textOf = (cell: Cell | undefined): string =>
  cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text;

/** Rows below a dim head; every column but the last is as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): readonly Line[] {
  const widths = head.map((title, column) =>
    Math.max(lengthOf(title), ...rows.map((row) => lengthOf(textOf(row[column])))),
  );
  const lineOf = (cells: readonly Cell[], tone: Tone): Line =>
    cells.map((cell, column) =>
      span(
        column === cells.length - 1
          ? textOf(cell)
          : `${textOf(cell)}${' '.repeat((widths[column] ?? 0) - lengthOf(textOf(cell)) + 2)}`,
        typeof cell === 'string' ? tone : cell.tone,
      ),
    );
  return [lineOf(head, 'dim'), ...rows.map((row) => lineOf(row, 'plain'))];
}
