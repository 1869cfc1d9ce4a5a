import type { Machine } from './machine';
import type { Row } from './outcome';

const columns = ['what', 'measured', 'bar', 'met'] as const;

const cellsOf = (row: Row): readonly string[] => [
  row.what,
  row.measured,
  row.bar,
  row.bar === '–' || row.isSkipped === true ? '' : row.isMet ? 'yes' : 'NO',
];

/** The rows as a Markdown table, padded so that it reads well on a terminal too. */
export function drawTable(rows: readonly Row[]): string {
  const lines = [columns, ...rows.map(cellsOf)];
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const draw = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [draw(columns), rule, ...lines.slice(1).map(draw)].join('\n');
}

export const describeMachine = (machine: Machine): string =>
  Object.entries(machine)
    .map(([what, value]) => `${what} ${value}`)
    .join(' · ');
