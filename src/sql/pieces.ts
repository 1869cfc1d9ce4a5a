/** A stretch of a file; `at` is where it begins, in UTF-16 units. */
export type Piece = { readonly text: string; readonly at: number };

/** The parser reads as much in a few milliseconds, for which others may wait. */
const pieceLength = 32_768;

/**
 * Cuts a long file where a line ends in a semicolon, so that others may go on between the pieces. Such a semicolon
 * ends a statement, or stands inside of something that is cut in two, and then one of the pieces does not parse: a
 * literal, a comment over lines, a body. In a line with `--` nobody could tell, so none is cut there.
 */
export function cutAtStatements(sql: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (sql.length - at > pieceLength) {
    const end = nextCut(sql, at + pieceLength);
    if (end === undefined) break;
    pieces.push({ text: sql.slice(at, end), at });
    at = end;
  }
  return [...pieces, { text: sql.slice(at), at }];
}

function nextCut(sql: string, from: number): number | undefined {
  const lineEnd = /;[ \t]*\r?\n/g;
  lineEnd.lastIndex = from;
  for (let match = lineEnd.exec(sql); match !== null; match = lineEnd.exec(sql)) {
    const lineStart = sql.lastIndexOf('\n', match.index) + 1;
    if (!sql.slice(lineStart, match.index).includes('--')) return lineEnd.lastIndex;
  }
  return undefined;
}
