import * as fc from 'fast-check';
import { parseSql } from '../../src/sql/parse';

const read = async (sql: string) => {
  const parsed = await parseSql({ path: 'a.sql', sql });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
};
const texts = async (sql: string) => (await read(sql)).map(({ text }) => text);
const issue = async (sql: string) => {
  const parsed = await parseSql({ path: 'a.sql', sql });
  return parsed.ok ? undefined : parsed.issues[0];
};

describe('splitting a file into its statements', () => {
  it.each([
    ['two statements', 'select 1; select 2;', ['select 1', 'select 2']],
    ['a semicolon in a literal', "select 'a;''b;', E'\\';' ; select 2", ["select 'a;''b;', E'\\';' ", 'select 2']],
    ['a semicolon in a quoted name', 'select ";" from t; select 2', ['select ";" from t', 'select 2']],
    ['comments', '-- a;\n/* b; /* c; */ d; */ select 1 -- e;', ['select 1 -- e;']],
    ['a dollar-quoted body', 'do $$ begin; end $$; do $x$ ; $$ ; $x$', ['do $$ begin; end $$', 'do $x$ ; $$ ; $x$']],
    ['a name with dollar signs', 'select a$1$ ; select 2', ['select a$1$ ', 'select 2']],
    ['nothing but comments', '-- nothing\n;;', []],
    ['nothing', '', []],
    [
      'a body of SQL',
      'create function f() returns int begin atomic select 1; select 2; end; select 3',
      ['create function f() returns int begin atomic select 1; select 2; end', 'select 3'],
    ],
  ])('understands %s', async (_, sql, expected) => {
    expect(await texts(sql)).toEqual(expected);
  });

  it('counts lines and columns in characters, whatever their bytes', async () => {
    const [, second] = await read(
      'select \'ünï 😀\', \'漢字\';\n  /* 漢 */ alter table "Ünï" add column "😀" int, add y int',
    );
    expect(second).toMatchObject({ line: 2, column: 11 });
    const commands = second !== undefined && 'AlterTableStmt' in second.node ? second.node.AlterTableStmt.cmds : [];
    const places = (commands ?? []).map((command) =>
      'AlterTableCmd' in command && command.AlterTableCmd.def !== undefined && 'ColumnDef' in command.AlterTableCmd.def
        ? second?.placeOf(command.AlterTableCmd.def.ColumnDef.location)
        : undefined,
    );
    expect(places).toEqual([
      { line: 2, column: 40 },
      { line: 2, column: 54 },
    ]);
  });

  const piece = fc.constantFrom(
    'select 1',
    "select 'a;''😀'",
    'select "é;" from "t""x"',
    'do $$ begin; end $$',
    'create function f() returns int begin atomic select 1; end',
    'insert into t values (1)',
    'alter table a.b add c int',
  );
  const gap = fc.constantFrom(';', ' ; ', ';\n', '; -- ü;\n', ';\n/* ; 漢 */ ', ';;\n');

  it('gives back the same text when it is joined again: 300 seeded lists of statements', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(piece, gap), { maxLength: 8 }), async (pairs) => {
        const sql = pairs.flat().join('');
        const statements = await read(sql);
        expect(statements.map(({ text }) => text.trim())).toEqual(pairs.map(([text]) => text));
        let joined = '';
        for (const { text, offset } of statements) joined += sql.slice(joined.length, offset) + text;
        expect(joined + sql.slice(joined.length)).toBe(sql);
        for (const { text, offset } of statements) expect(sql.slice(offset, offset + text.length)).toBe(text);
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});

describe('text that is no SQL', () => {
  it.each([
    ['a wrong word', 'select 1;\nalter tabel t add c int', 2, 7, 'syntax error at or near "tabel"'],
    ['a wrong word after characters of several bytes', "select 'é😀漢' frm;;\nselect 1 from;", 2, 14, 'near ";"'],
    ['an unfinished literal', "select 'a; b", 1, 8, 'unterminated quoted string'],
    ['an unfinished comment', 'select 1; /* a', 1, 11, 'unterminated /* comment'],
    ['a command of psql', 'select 1;\n\\i other.sql', 2, 1, 'syntax error at or near "\\"'],
    ['a NUL that would hide the rest', 'select 1; \0 drop table t', 1, 11, 'a character that is not text'],
    ['half a character', "select '\ud800'", 1, 9, 'a character that is not text'],
  ])('is refused with its place: %s', async (_, sql, line, column, message) => {
    expect(await issue(sql)).toMatchObject({ code: 'sql-does-not-parse', file: 'a.sql', line, column });
    expect((await issue(sql))?.message).toContain(message);
  });
});

describe('text from a stranger', () => {
  it('of 1 MB is read', async () => {
    const line = "insert into t values (1, 'x');\n";
    expect(await read(line.repeat(Math.floor(1_000_000 / line.length)))).toHaveLength(32_258);
  });

  it('nested deeply is refused, again and again, and harms nothing that comes after it', async () => {
    const deep = [
      `select ${'('.repeat(50_000)}1${')'.repeat(50_000)}`,
      `select 1${'+1'.repeat(50_000)}`,
      `select 1${' union select 1'.repeat(50_000)}`,
      `select ${'case when true then '.repeat(50_000)}1${' end'.repeat(50_000)}`,
    ];
    for (const sql of deep) expect(await issue(sql)).toMatchObject({ code: 'sql-does-not-parse' });
    // One instance of the parser does not survive about thirty such texts.
    const chain = `select 1${'+1'.repeat(15_000)}`;
    for (let round = 0; round < 40; round += 1) expect(await issue(chain)).toBeDefined();
    expect(await texts('select 1; select 2')).toEqual(['select 1', 'select 2']);
  });

  it('never breaks the parser: 500 seeded texts are read or refused with a place inside of them', async () => {
    const words = fc.constantFrom('select', '(', ')', "'", '"', '$$', '/*', '*/', '--', ';', '😀', 'a', '1', '\n', ',');
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 30 }), async (parts) => {
        const sql = parts.join(' ');
        const found = await issue(sql);
        if (found === undefined) return;
        const lines = sql.split('\n');
        expect(found.line).toBeLessThanOrEqual(lines.length);
        expect(found.column).toBeLessThanOrEqual((lines[found.line - 1] ?? '').length + 1);
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

describe('a long file', () => {
  const filler = (length: number): string => `select '${'ü'.repeat(40)}';\n`.repeat(Math.ceil(length / 51));

  it.each([
    ['a literal with a statement in it', "select 'a;\ndrop table t;\n'"],
    ['a body', 'create function f() returns int language sql begin atomic\n  select 1;\n  select 2;\nend'],
    ['a body in dollars', 'do $$ begin\n  perform 1;\nend;\n$$'],
    ['a comment over lines', 'select 1 /* a;\nselect 2;\n*/ + 1'],
    ['a schema with its tables', 'create schema s -- all of it;\n  create table t (a int)'],
  ])('is read as one text, wherever it could be cut: %s', async (_, odd) => {
    // Every place in it stands once where the first cut is looked for.
    for (let inside = 0; inside <= odd.length; inside += 1) {
      const sql = `${' '.repeat(32_768 - inside)}${odd};\nselect 'last', é;\n${filler(10_000)}`;
      const [first, second, ...more] = await read(sql);
      expect(first).toMatchObject({ text: odd, offset: 32_768 - inside, line: 1 });
      expect(second).toMatchObject({ text: "select 'last', é", line: odd.split('\n').length + 1, column: 1 });
      expect(second?.placeOf(undefined)).toEqual({ line: second?.line, column: 1 });
      expect(more).toHaveLength(197);
    }
  });

  it('names the place of a fault in the midst of it', async () => {
    const sql = `${filler(50_000)}selec 1;\n${filler(50_000)}`;
    expect(await issue(sql)).toMatchObject({
      code: 'sql-does-not-parse',
      line: sql.slice(0, sql.indexOf('selec 1')).split('\n').length,
    });
  });
});
