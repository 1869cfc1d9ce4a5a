import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  stat,
  symlink,
  utimes,
  writeFile,
  chown,
} from 'node:fs/promises';
import { join } from 'node:path';
import { createConfigurationFile } from '../../../src/adapters/configuration/file';
import { failure } from '../../support/failure';
import { temporaryDirectory } from '../../support/temporary-directory';

describe('configuration file', () => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    await writeFile(path('blue.json'), '{"pool":5}');
    await writeFile(path('green.json'), '{"pool":4}');
  });
  afterEach(() => directory.remove());
  const path = (name: string) => join(directory.path, name);
  const configuration = () =>
    createConfigurationFile({ paths: { blue: path('blue.json'), green: path('green.json') } });
  const asRoot = process.getuid?.() === 0 ? it : it.skip;

  it('keeps the mode of the file it replaces and of what it keeps beside', async () => {
    await chmod(path('green.json'), 0o640);
    await configuration().apply(slots, { pool: 9 }, 'r1');
    for (const name of (await readdir(directory.path)).filter((each) => each !== 'blue.json')) {
      expect((await stat(path(name))).mode & 0o777).toBe(0o640);
    }
    await configuration().restore(slots, 'r1');
    expect((await stat(path('green.json'))).mode & 0o777).toBe(0o640);
  });

  asRoot('keeps the owner of the file it replaces', async () => {
    await chown(path('green.json'), 12345, 23456);
    await configuration().apply(slots, { pool: 9 }, 'r1');
    expect(await stat(path('green.json'))).toMatchObject({ uid: 12345, gid: 23456 });
    await configuration().restore(slots, 'r1');
    expect(await stat(path('green.json'))).toMatchObject({ uid: 12345, gid: 23456 });
  });

  it('gives a new file the mode of the baseline', async () => {
    await chmod(path('blue.json'), 0o600);
    const created = createConfigurationFile({ paths: { blue: path('blue.json'), green: path('new.json') } });
    await created.apply(slots, { pool: 9 }, 'r1');
    expect((await stat(path('new.json'))).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing but the two files after a rollback, and one kept file before it', async () => {
    await configuration().apply(slots, { pool: 9 }, 'r1');
    const kept = (await readdir(directory.path)).filter((name) => name.startsWith('.'));
    expect(kept).toEqual([expect.stringMatching(/^\.green\.json\.spillway-[0-9a-f]{32}$/)]);
    expect(await readFile(path(kept[0] ?? ''), 'utf8')).toBe('{"pool":4}');
    await configuration().restore(slots, 'r1');
    expect(await readdir(directory.path)).toEqual(['blue.json', 'green.json']);
  });

  it('does not touch a file that has the wanted bytes already', async () => {
    await configuration().apply(slots, { pool: 9 }, 'r1');
    await utimes(path('green.json'), 1, 1);
    await configuration().apply(slots, { pool: 9 }, 'r1');
    expect((await stat(path('green.json'))).mtimeMs).toBe(1_000);
  });

  it('writes through a symbolic link instead of replacing it', async () => {
    await mkdir(path('real'));
    await writeFile(path('real/app.json'), '{"pool":3}');
    await symlink(path('real/app.json'), path('link.json'));
    const linked = createConfigurationFile({ paths: { blue: path('blue.json'), green: path('link.json') } });
    await linked.apply(slots, { pool: 9 }, 'r1');
    expect((await lstat(path('link.json'))).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(path('real/app.json'), 'utf8'))).toEqual({ pool: 9 });
    await linked.restore(slots, 'r1');
    expect(await readFile(path('real/app.json'), 'utf8')).toBe('{"pool":3}');
    expect(await realpath(path('link.json'))).toBe(await realpath(path('real/app.json')));
  });

  it('readers see whole documents only, while many applies run at once', async () => {
    const port = configuration();
    let isDone = false;
    const pools = Array.from({ length: 20 }, (_, pool) => port.apply(slots, { pool, pad: 'x'.repeat(50_000) }, 'r1'));
    const reading = (async () => {
      while (!isDone) JSON.parse(await readFile(path('green.json'), 'utf8'));
    })();
    await Promise.all(pools);
    isDone = true;
    await reading;
    expect(await port.isApplied(slots, { pool: 19 })).toBe(true);
    await port.restore(slots, 'r1');
    expect(await readFile(path('green.json'), 'utf8')).toBe('{"pool":4}');
  });

  it.each([
    ['a directory in place of the file', 'directory', /\/directory: cannot be read \(EISDIR\)/],
    ['a directory that does not exist', 'nowhere/green.json', /\/nowhere\/\..*: cannot be written \(ENOENT\)/],
    ['a file in place of the directory', 'blue.json/green.json', /\/blue\.json\/green\.json: cannot be .* \(ENOTDIR\)/],
  ])('names path and errno for %s', async (_, name, message) => {
    await mkdir(path('directory'));
    const port = createConfigurationFile({ paths: { blue: path('blue.json'), green: path(name) } });
    const error = await failure(port.apply(slots, { pool: 9 }, 'r1'));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(message);
  });

  /** As root every file may be written: what is refused to others is tried as one of them. */
  async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await work();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  }

  it.each([
    ['what stands in a directory that may not be written', 'written', async () => chmod(directory.path, 0o555)],
    [
      'a document that may not be read',
      'read',
      async () => chmod(directory.path, 0o755).then(() => chmod(path('green.json'), 0o000)),
    ],
  ])('says which file, why and what to check for %s, and changes nothing', async (_, doing, forbid) => {
    await forbid();
    await asOrdinaryUser(async () => {
      const error = await failure(configuration().apply(slots, { pool: 9 }, 'r1'));
      expect(error.code).toBe('Rejected');
      expect(error.message).toMatch(
        new RegExp(`/\\.?green\\.json.*: cannot be ${doing} \\(EACCES\\); check the path and the rights of the worker`),
      );
    });
    await chmod(directory.path, 0o755);
    await chmod(path('green.json'), 0o644);
    expect(await readFile(path('green.json'), 'utf8')).toBe('{"pool":4}');
    expect(await readdir(directory.path)).toEqual(['blue.json', 'green.json']);
  });

  it('keeps what it found until a restore can write again', async () => {
    await chmod(directory.path, 0o755);
    await configuration().apply(slots, { pool: 9 }, 'r1');
    await chmod(directory.path, 0o555);
    await asOrdinaryUser(async () => {
      const error = await failure(configuration().restore(slots, 'r1'));
      expect([error.code, error.message]).toEqual([
        'Rejected',
        expect.stringMatching(/\/green\.json: cannot be written \(EACCES\)/),
      ]);
    });
    await chmod(directory.path, 0o755);
    await configuration().restore(slots, 'r1');
    expect(await readFile(path('green.json'), 'utf8')).toBe('{"pool":4}');
  });

  it('quotes nothing of a document that is not JSON', async () => {
    await writeFile(path('blue.json'), 'password=hunter2');
    const error = await failure(configuration().apply(slots, { pool: 9 }, 'r1'));
    expect(error.message).toContain(path('blue.json'));
    expect(error.message).not.toContain('hunter2');
  });
});
