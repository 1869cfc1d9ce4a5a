import { createHash } from 'node:crypto';
import { maxBundleBytes, openBundle, type Bundle } from '../../../src/core/descriptor/bundle';
import { added, issueOf } from './issue-of';
import { minimal } from './minimal';

const fileOf = (path: string, text: string) => ({
  path,
  sha256: createHash('sha256').update(text).digest('hex'),
  text,
});
const text = added('invariants: [{ id: a, query: db/a.sql }, { id: b, query: db/a.sql }]');
const good = { descriptor: { path: 'release.yaml', text }, files: [fileOf('db/a.sql', 'select 1;\n')] };
const filled = (bytes: number): Bundle => {
  const rest = bytes - Buffer.byteLength(text);
  return { ...good, files: [fileOf('db/a.sql', 'x'.repeat(rest))] };
};

describe('opening a bundle', () => {
  it('gives the descriptor and the files it names', () => {
    const opened = openBundle(good);
    if (!opened.ok) throw new Error('was refused');
    expect(opened.value.descriptor.service).toBe('shop');
    expect(opened.value.fileOf('db/a.sql')).toEqual(good.files[0]);
    expect(opened.value.files).toEqual({ 'db/a.sql': 'select 1;\n' });
    expect(() => opened.value.fileOf('db/b.sql')).toThrow('names no file db/b.sql');
  });

  const file = good.files[0] ?? fileOf('', '');
  const rows: readonly (readonly [name: string, bundle: unknown, issue: string])[] = [
    ['nothing', undefined, '1:1 bundle-malformed'],
    ['a text', 'bundle', '1:1 bundle-malformed'],
    ['a digest that is none', { ...good, files: [{ ...file, sha256: 'abc' }] }, '1:1 bundle-malformed'],
    ['a changed file', { ...good, files: [{ ...file, text: 'drop table orders;' }] }, '1:1 digest-mismatch'],
    ['a digest of another file', { ...good, files: [{ ...file, sha256: 'a'.repeat(64) }] }, '1:1 digest-mismatch'],
    [
      'no file',
      { ...good, files: [] },
      '7:30 file-not-in-bundle invariants[0].query | 7:58 file-not-in-bundle invariants[1].query',
    ],
    ['a file too many', { ...good, files: [file, fileOf('b.sql', 'x')] }, '1:1 file-not-named'],
    ['a file twice', { ...good, files: [file, file] }, '1:1 file-twice'],
    [
      'a lone surrogate',
      { ...good, files: [fileOf('db/a.sql', 'select \ud800')] },
      '7:30 file-not-text invariants[0].query | 7:58 file-not-text invariants[1].query',
    ],
    ['an absolute path', escaping('/etc/passwd'), '7:30 path-absolute invariants[0].query'],
    ['a path that escapes', escaping('../a.sql'), '7:30 path-escapes invariants[0].query'],
    [
      'a wrong descriptor',
      { ...good, descriptor: { path: 'release.yaml', text: `${minimal}a: 1` } },
      '7:1 key-unknown a',
    ],
    ['a byte too many', filled(maxBundleBytes + 1), '1:1 bundle-too-large'],
  ];

  const role = `create role shop password 'canary-hunter2';`;
  const holding = (sql: string, lines = '') => ({
    descriptor: { path: 'release.yaml', text: `${text}${lines}` },
    files: [fileOf('db/a.sql', sql)],
  });
  const exception = 'notSecret: [{ at: db/a.sql, because: it is a role of the tests }]\n';

  it.each([
    ['the password of a role', `select 1;\n  ${role}`, '2:20', 'sql-password'],
    ['a credential in a comment', `-- AKIA${'IOSFODNN7EXAMPLE'}\nselect 1;`, '1:4', 'aws-access-key'],
  ])('refuses a file with %s, and does not tell it', (_name, sql, at, rule) => {
    const opened = openBundle(holding(sql));
    const [issue] = opened.ok ? [] : opened.issues;
    expect(issue).toMatchObject({ code: 'secret-in-text', file: 'db/a.sql', path: '' });
    expect([`${issue?.line}:${issue?.column}`, issue?.message]).toEqual([
      at,
      expect.stringContaining(`(rule ${rule})`),
    ]);
    expect(JSON.stringify(opened)).not.toMatch(/hunter2|IOSFODNN/);
  });

  it('accepts a file that is listed under notSecret, and refuses an entry for one that holds nothing', () => {
    expect(openBundle(holding(role, exception)).ok).toBe(true);
    expect(issueOf(openBundle(holding('select password from a', exception))).issue).toBe(
      '8:19 not-secret-needless notSecret[0].at',
    );
  });

  it.each(rows)('refuses %s', (_name, bundle, issue) => {
    expect(issueOf(openBundle(bundle)).issue).toBe(issue);
  });

  it('takes a bundle that is just small enough', () => {
    expect(openBundle(filled(maxBundleBytes)).ok).toBe(true);
  });
});

function escaping(path: string): Bundle {
  const descriptor = { path: 'release.yaml', text: added(`invariants: [{ id: a, query: ${path} }]`) };
  return { descriptor, files: [fileOf(path, 'select 1;')] };
}
