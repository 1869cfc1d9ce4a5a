import { setImmediate } from 'node:timers/promises';
import type { Node, ParseResult } from 'libpg-query';
import type { Issue, Parsed } from '../core/descriptor/issue';
import { parseTree } from './parser';
import { cutAtStatements, type Piece } from './pieces';
import { readPlaces, type Place, type Places } from './places';

/** One statement of a file as PostgreSQL reads it. */
export type SqlStatement = Place & {
  /** The parsed statement: an object of one key, which names its kind, such as `AlterTableStmt`. */
  readonly node: Node;
  /** Its text without the semicolon; comments that stand before it are not part of it. */
  readonly text: string;
  /** Where `text` begins in the file, in UTF-16 units. */
  readonly offset: number;
  /** Line and column of a `location` somewhere inside of `node`; of the statement itself where it is undefined. */
  readonly placeOf: (location: number | undefined) => Place;
  /** The offset of such a `location` in the file, in UTF-16 units. */
  readonly offsetOf: (location: number) => number;
};

export type SqlText = { readonly path: string; readonly sql: string };

/**
 * Splits a file into its statements with PostgreSQL's own parser (18; older servers know less).
 * One issue `sql-does-not-parse` with the place and the parser's words where it is not SQL; none of it runs.
 * A file of comments alone has no statement.
 */
export async function parseSql({ path, sql }: SqlText): Promise<Parsed<readonly SqlStatement[]>> {
  const places = readPlaces(sql);
  // The parser would end at the first and put another character for the second: it would judge another text.
  const unfit = /[\0\p{Cs}]/u.exec(sql);
  if (unfit !== null) {
    return broken(path, { ...places.placeOf(unfit.index), message: 'a character that is not text' });
  }
  const pieces = cutAtStatements(sql);
  const read = pieces.length > 1 ? await readPieces(pieces, places) : undefined;
  if (read !== undefined) return { ok: true, value: read };
  // What a cut went through, such as a long literal, is read again as a whole; so are faults, for their places.
  const parsed = await parseTree(sql);
  if (!parsed.ok) {
    const place = places.placeOf(places.offsetOfCodePoint(parsed.codePoint ?? 0));
    return broken(path, { ...place, message: parsed.message });
  }
  return { ok: true, value: statementsOf(parsed.tree, { text: sql, at: 0, byte: 0 }, places) };
}

/** The statements of all pieces; undefined where one of them is no SQL. */
async function readPieces(pieces: readonly Piece[], places: Places): Promise<readonly SqlStatement[] | undefined> {
  const statements: SqlStatement[] = [];
  for (const { text, at } of pieces) {
    const parsed = await parseTree(text);
    if (!parsed.ok) return undefined;
    statements.push(...statementsOf(parsed.tree, { text, at, byte: places.byteOfOffset(at) }, places));
    await setImmediate();
  }
  return statements;
}

function statementsOf(
  { stmts = [] }: ParseResult,
  { text, at, byte: first }: Piece & { readonly byte: number },
  places: Places,
): readonly SqlStatement[] {
  const offsetOf = (byte: number): number => places.offsetOfByte(first + byte);
  return stmts.flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    if (stmt === undefined) return [];
    const offset = offsetOf(start);
    // The parser gives no length to a last statement without a semicolon.
    const end = length === undefined ? at + text.length : offsetOf(start + length);
    return {
      ...places.placeOf(offset),
      node: stmt,
      text: text.slice(offset - at, end - at),
      offset,
      placeOf: (location: number | undefined) => places.placeOf(offsetOf(location ?? start)),
      offsetOf,
    };
  });
}

function broken(file: string, { line, column, message }: Place & { readonly message: string }): Parsed<never> {
  const issue: Issue = {
    code: 'sql-does-not-parse',
    file,
    line,
    column,
    path: '',
    message,
    fix: 'write it as PostgreSQL takes it; commands of psql, such as \\i, are not SQL',
  };
  return { ok: false, issues: [issue] };
}
