import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryReplace } from '../../src/adapters/try-replace';
import { failure } from '../support/failure';
import { temporaryDirectory } from '../support/temporary-directory';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? it : it.skip;
const nobody = 65_534;
const bytes = Buffer.from('what would be written');

describe('the try of a replacement', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    await chmod(directory.path, 0o755);
    file = join(directory.path, 'one.state');
    await writeFile(file, 'as it was', { mode: 0o640 });
  });
  afterEach(() => directory.remove());

  /** As root every file may be written: what is refused to others is tried as one of them. */
  async function tryAsOrdinaryUser(path: string): Promise<void> {
    if (isRoot) process.seteuid?.(nobody);
    try {
      await tryReplace(path, bytes);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  }

  it('leaves the file as it is, the same one, and nothing beside it', async () => {
    const before = await stat(file);
    await tryReplace(file, bytes);
    expect(await readFile(file, 'utf8')).toBe('as it was');
    const { ino, mode, mtimeMs } = await stat(file);
    expect({ ino, mode, mtimeMs }).toEqual({ ino: before.ino, mode: before.mode, mtimeMs: before.mtimeMs });
    expect(await readdir(directory.path)).toEqual(['one.state']);
  });

  it('makes no file where there is none', async () => {
    await tryReplace(join(directory.path, 'two.state'), bytes);
    expect(await readdir(directory.path)).toEqual(['one.state']);
  });

  it.each<readonly [string, RegExp, () => Promise<string>]>([
    [
      'a directory that is not there',
      /\/nowhere\/one\.state: cannot be written \(ENOENT\)/,
      () => Promise.resolve(join(directory.path, 'nowhere', 'one.state')),
    ],
    [
      'a directory in the place of the file',
      /\/taken: cannot be written \(EISDIR\); it is a directory, so name a file/,
      async () => {
        await mkdir(join(directory.path, 'taken'));
        return join(directory.path, 'taken');
      },
    ],
    [
      'a directory that may not be written',
      /\/one\.state: cannot be written \(EACCES\); check the path and the rights of the worker/,
      async () => {
        await chmod(directory.path, 0o555);
        return file;
      },
    ],
  ])('says path, errno and what to do for %s', async (_, words, arrange) => {
    const path = await arrange();
    const { code, message } = await failure(tryAsOrdinaryUser(path));
    await chmod(directory.path, 0o755);
    expect([code, message]).toEqual(['Rejected', expect.stringMatching(words)]);
    expect(await readFile(file, 'utf8')).toBe('as it was');
    expect((await readdir(directory.path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  asRoot('refuses the file of somebody else, whose owner nobody but root could keep', async () => {
    await chown(file, 1, 1);
    await chmod(directory.path, 0o777);
    const { code, message } = await failure(tryAsOrdinaryUser(file));
    expect([code, message]).toEqual(['Rejected', expect.stringMatching(/\/one\.state: cannot be written \(EPERM\)/)]);
    expect(await readdir(directory.path)).toEqual(['one.state']);
  });

  it('refuses a file that is mounted by itself, for nothing can take its place', async () => {
    const blank = join(directory.path, 'with blank.state');
    await writeFile(blank, 'as it was');
    const table = join(directory.path, 'mountinfo');
    const at = (path: string) => `99 98 8:1 /x ${path.replaceAll(' ', '\\040')} rw,relatime - ext4 /dev/sda1 rw\n`;
    await writeFile(table, at(directory.path) + at(blank));
    await tryReplace(file, bytes, table);
    const { code, message } = await failure(tryReplace(blank, bytes, table));
    expect([code, message]).toEqual([
      'Rejected',
      expect.stringMatching(/with blank\.state: cannot be written \(EBUSY\).*mount its directory instead/),
    ]);
    expect((await readdir(directory.path)).sort()).toEqual(['mountinfo', 'one.state', 'with blank.state']);
  });
});
