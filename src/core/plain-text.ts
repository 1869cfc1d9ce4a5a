const columns = 100;

/** Breaks a text into lines of at most 100 columns; every line but the first begins with `indent`. */
export function wrapText(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  // Texts of a descriptor must not steer the terminal that shows them.
  let rest = text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    // A word longer than a line is cut; nothing may run out of the page.
    const isBreakable = rest.slice(0, Math.max(0, space)).trim().length > 0;
    const at = isBreakable ? space : columns;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...lines, rest.trimEnd()];
}

/** Rows as lines, every column but the last padded to its widest cell. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map(
    (row) => `  ${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widthOf(at)))).join('  ')}`,
  );
}
