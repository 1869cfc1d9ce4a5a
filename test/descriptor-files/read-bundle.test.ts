import { once } from 'node:events';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { maxBundleBytes, openBundle } from '../../src/core/descriptor/bundle';
import { strangersLimits } from '../../src/core/descriptor/guard';
import { formatIssue } from '../../src/core/descriptor/issue';
import { readBundle } from '../../src/descriptor-files/read-bundle';
import { added } from '../core/descriptor/issue-of';
import { temporaryDirectory } from '../support/temporary-directory';

const text = added(`migrations:
  - id: a
    expand: { sql: db/a.sql, undo: db/a.undo.sql, check: db/check.sql }
    backfill: { batch: db/b.sql, undo: { skip: nothing is lost } }
invariants: [{ id: a, query: db/check.sql }]`);
const named = ['db/a.sql', 'db/a.undo.sql', 'db/check.sql', 'db/b.sql'];

/** The batch has to change rows. */
const textOf = (name: string): string =>
  name === 'db/b.sql' ? 'insert into a select b from c limit 1;\n' : `select '${name}';\n`;

type Folder = { readonly path: string; readonly remove: () => Promise<void> };
let folder: Folder;
let socket: Server;
const below = (name: string): string => path.join(folder.path, 'shop', name);

beforeEach(async () => {
  folder = await temporaryDirectory();
  socket = createServer();
  await mkdir(below('db'), { recursive: true });
  await writeFile(below('release.yaml'), text);
  await writeFile(below('unnamed.sql'), 'select 0;\n');
  for (const name of named) await writeFile(below(name), textOf(name));
});
afterEach(async () => {
  socket.close();
  await folder.remove();
});

/** The issues of the bundle in short, without the folder of the test. */
async function refusals(): Promise<readonly string[]> {
  const read = await readBundle(below('release.yaml'));
  const lines = read.ok ? [] : read.issues.map(formatIssue);
  return lines.map((line) => line.replace(`${below('')}/`, '').split(': ')[0] ?? '');
}

describe('reading a bundle', () => {
  it('packs the descriptor and exactly the files it names', async () => {
    const read = await readBundle(below('release.yaml'));
    if (!read.ok) throw new Error(read.issues.map(formatIssue).join('\n'));
    expect(read.bundle.descriptor).toEqual({ path: 'release.yaml', text });
    expect(read.bundle.files.map((file) => file.path)).toEqual(named);
    expect(openBundle(JSON.parse(JSON.stringify(read.bundle))).ok).toBe(true);
  });

  const sqlPlace = 'release.yaml:9:20';
  const sqlPath = 'migrations[0].expand.sql';
  const replaced = async (make: (file: string) => Promise<unknown>): Promise<void> => {
    await rename(below('db/a.sql'), below('kept.sql'));
    await make(below('db/a.sql'));
  };

  it.each<readonly [string, () => Promise<unknown>, string]>([
    ['a missing file', () => replaced(() => Promise.resolve()), 'file-missing'],
    ['a linked file', () => replaced((file) => symlink(below('kept.sql'), file)), 'file-linked'],
    ['a link that leads nowhere', () => replaced((file) => symlink('/nowhere', file)), 'file-linked'],
    ['a folder', () => replaced((file) => mkdir(file)), 'file-not-regular'],
    ['a socket', () => replaced((file) => once(socket.listen(file), 'listening')), 'file-not-regular'],
    ['bytes that are no UTF-8', () => writeFile(below('db/a.sql'), Buffer.from([0x73, 0xff, 0xfe])), 'file-not-text'],
    ['a NUL', () => writeFile(below('db/a.sql'), 'select\0'), 'file-not-text'],
    ['an empty file', () => writeFile(below('db/a.sql'), ' \n'), 'file-empty'],
    ['a huge file', () => writeFile(below('db/a.sql'), 'x'.repeat(maxBundleBytes)), 'file-too-large'],
  ])('points at the line that names %s', async (_name, arrange, code) => {
    await arrange();
    expect(await refusals()).toContain(`${sqlPlace} ${code} ${sqlPath}`);
  });

  it('refuses a folder that is a link, at every file below it', async () => {
    await rename(below('db'), path.join(folder.path, 'elsewhere'));
    await symlink(path.join(folder.path, 'elsewhere'), below('db'));
    expect(await refusals()).toEqual([
      'release.yaml:9:20 file-linked migrations[0].expand.sql',
      'release.yaml:9:36 file-linked migrations[0].expand.undo',
      'release.yaml:9:58 file-linked migrations[0].expand.check',
      'release.yaml:10:24 file-linked migrations[0].backfill.batch',
    ]);
  });

  it.each([
    ['../outside.sql', 'path-escapes'],
    ['db/../../outside.sql', 'path-escapes'],
    ['/etc/hostname', 'path-absolute'],
  ])('never reads %s', async (outside, code) => {
    await writeFile(path.join(folder.path, 'outside.sql'), 'select 1;');
    await writeFile(below('release.yaml'), text.replace('db/a.sql', outside));
    expect(await refusals()).toEqual([`${sqlPlace} ${code} ${sqlPath}`]);
  });

  it('refuses what is larger than 1 MB in all, and takes what just fits', async () => {
    const others = named.slice(1).reduce((sum, name) => sum + textOf(name).length, Buffer.byteLength(text));
    await writeFile(below('db/a.sql'), `select 1 --${'x'.repeat(maxBundleBytes - others - 11)}`);
    expect(await refusals()).toEqual([]);
    await writeFile(below('db/a.sql'), `select 1 --${'x'.repeat(maxBundleBytes - others - 10)}`);
    expect(await refusals()).toEqual([expect.stringContaining('file-too-large migrations[0].backfill.batch')]);
  });

  it('points into the SQL files at what is not safe in its part, in all of them', async () => {
    await writeFile(below('db/a.sql'), 'select 1;\n  alter table orders\n    drop column name;\n');
    await writeFile(below('db/b.sql'), 'update a set b = 1;\n');
    await writeFile(below('db/check.sql'), 'selec 1;\n');
    expect(await refusals()).toEqual([
      'db/a.sql:3:17 drop-outside-contract',
      'db/b.sql:1:1 backfill-unbounded',
      'db/b.sql:1:14 old-rows-changed',
      'db/check.sql:1:1 sql-does-not-parse',
    ]);
  });

  it('tells a descriptor that is missing, linked, too large or wrong', async () => {
    await writeFile(below('release.yaml'), `${text}servce: a\n`);
    expect(await refusals()).toEqual(['release.yaml:12:1 key-unknown servce']);
    await writeFile(below('release.yaml'), 'x'.repeat(strangersLimits.maxFileBytes + 1));
    expect(await refusals()).toEqual(['release.yaml:1:1 file-too-large']);
    await rename(below('release.yaml'), below('other.yaml'));
    expect(await refusals()).toEqual(['release.yaml:1:1 file-missing']);
    await symlink(below('other.yaml'), below('release.yaml'));
    expect(await refusals()).toEqual(['release.yaml:1:1 file-linked']);
  });
});
