import type { Node } from 'libpg-query';
import type { Issue, Parsed } from '../core/descriptor/issue';
import { parseTree } from './parser';
import { readPlaces, type Place } from './places';

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
  const parsed = await parseTree(sql);
  if (!parsed.ok) {
    const place = places.placeOf(places.offsetOfCodePoint(parsed.codePoint ?? 0));
    return broken(path, { ...place, message: parsed.message });
  }
  const placeOf = (byte: number): Place => places.placeOf(places.offsetOfByte(byte));
  const statements = (parsed.tree.stmts ?? []).flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    if (stmt === undefined) return [];
    const offset = places.offsetOfByte(start);
    // The parser gives no length to a last statement without a semicolon.
    const end = length === undefined ? sql.length : places.offsetOfByte(start + length);
    return {
      ...placeOf(start),
      node: stmt,
      text: sql.slice(offset, end),
      offset,
      placeOf: (location: number | undefined) => placeOf(location ?? start),
    };
  });
  return { ok: true, value: statements };
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
