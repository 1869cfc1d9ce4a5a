import {
  readNewColumn,
  renameColumn,
  requireColumn,
  retypeColumn,
  splitColumn,
} from '../../../src/core/migration-writer/changes';
import { checkSql, readExpression } from '../../../src/core/migration-writer/expression';
import { migrationFiles } from '../../../src/core/migration-writer/files';
import { objectName, quoteText, readColumnName, readTableName } from '../../../src/core/migration-writer/names';
import { ChangeRefusal } from '../../../src/core/migration-writer/refusal';

const subject = (type: string, isRequired = false) => ({
  id: 'change',
  table: { schema: 'public', name: 'orders' },
  old: { name: 'a', type, isRequired },
  grants: [],
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ChangeRefusal) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('names', () => {
  it.each([
    ['orders', { schema: 'public', name: 'orders' }],
    ['Shop.Orders', { schema: 'shop', name: 'orders' }],
    ['"My Shop"."a""b.c"', { schema: 'My Shop', name: 'a"b.c' }],
    ['öl', { schema: 'public', name: 'öl' }],
  ])('%s is read as SQL reads it', (text, expected) => {
    expect(readTableName(text)).toEqual(expected);
  });

  it.each(['', 'a b', 'a.', 'a.b.c', '"a', '1a', 'a;b', `"${'x'.repeat(64)}"`])('%j is none', (text) => {
    expect(codeOf(() => readTableName(text))).toBe('name-not-sql');
  });

  it('a column has no schema', () => {
    expect(codeOf(() => readColumnName('a.b'))).toBe('name-not-sql');
  });

  it('a name made of long ones stays whole, and two long ones stay apart', () => {
    const [first, second] = ['a', 'b'].map((end) => objectName('zz_', `${'ü'.repeat(60)}${end}`, '_insert'));
    expect(Buffer.byteLength(first ?? '')).toBeLessThanOrEqual(63);
    expect(first).not.toBe(second);
    expect(first).toMatch(/^zz_ü+_[0-9a-f]{8}_insert$/);
  });

  it('a backslash in a literal means itself', () => {
    expect(quoteText(`a\\'b`)).toBe(`E'a\\\\''b'`);
  });
});

describe('an expression', () => {
  it.each(['a; drop table b', 'a) or (b', 'a -- b', 'a /* b */', `'a`, '"a', '(a', '{', '{a}}', ' ', 'a\0b'])(
    '%j is none',
    (text) => {
      expect(codeOf(() => checkSql(text, 'it'))).toBe('expression-not-sql');
    },
  );

  it.each([`';--' || '(' || {a}`, `E'\\';' || {a}`, '$q$;($q$', '"; ("', `'{1,2}'`])('%j is one', (text) => {
    expect(codeOf(() => readExpression(text, ['a'], 'it'))).toBe('accepted');
  });

  it('only what stands outside of literals is a column', () => {
    expect(readExpression(`'{a}' || {a}`, ['a'], 'it').sql((name) => `new."${name}"`)).toBe(`('{a}' || new."a")`);
  });

  it('may use no other column', () => {
    expect(codeOf(() => readExpression('{b}', ['a'], 'it'))).toBe('column-unknown');
  });
});

describe('a change is refused', () => {
  it.each([
    ['to its own name', () => renameColumn(subject('text'), 'a'), 'column-twice'],
    ['under an id that is none', () => renameColumn({ ...subject('text'), id: 'A b' }, 'b'), 'name-not-sql'],
    ['not null where it is so', () => requireColumn(subject('text', true), 'b', '1'), 'column-unfit'],
    ['with a value of another column', () => requireColumn(subject('text'), 'b', '{a}'), 'column-unknown'],
    ['without a conversion', () => retypeColumn(subject('point'), { to: 'b', type: 'box' }), 'expression-missing'],
    [
      'to text, where the old value is required',
      () => retypeColumn(subject('integer', true), { to: 'b', type: 'text' }),
      'expression-missing',
    ],
    [
      'with a type that is SQL',
      () => retypeColumn(subject('text'), { to: 'b', type: 'text; drop table b' }),
      'expression-not-sql',
    ],
    ['split into what says nothing', () => readNewColumn('b text', 'a'), 'detail-missing'],
    [
      'split of a required value into optional ones',
      () => splitColumn(subject('text', true), [readNewColumn('b text = {a}', 'a')], '{b}'),
      'filled-unknown',
    ],
  ])('%s', (_what, make, code) => {
    expect(codeOf(make)).toBe(code);
  });
});

it('the same change is written letter by letter the same', () => {
  const files = () => migrationFiles(retypeColumn(subject('integer'), { to: 'b', type: 'text' }), 'db/x');
  expect(files()).toEqual(files());
  expect(files().map(({ path }) => path)).toContain('db/x.expand.undo.sql');
});
