import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFlagFile } from '../../../src/adapters/flags/file';
import { replaceWhole } from '../../../src/adapters/whole-file';
import { failure } from '../../support/failure';
import { temporaryDirectory } from '../../support/temporary-directory';

describe('flag file', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let path: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    path = join(directory.path, 'flags.json');
  });
  afterEach(() => directory.remove());
  const document = async (): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

  /** Somebody else writes the file, right before each of the first `texts.length` replacements. */
  const disturbedBy = (...texts: string[]) => {
    const replace: typeof replaceWhole = (target, replacement) => {
      const text = texts.shift();
      if (text !== undefined) writeFileSync(target, text);
      return replaceWhole(target, replacement);
    };
    return createFlagFile({ path, replace });
  };

  it('leaves other flags, other keys and the mode as they are, and no file behind', async () => {
    await writeFile(path, '{"$schema": "x", "flags": {"old": {"a": 1}}, "owner": ["ops"]}');
    await chmod(path, 0o640);
    await createFlagFile({ path }).write('new', true);
    expect(await document()).toEqual({ $schema: 'x', flags: { old: { a: 1 }, new: true }, owner: ['ops'] });
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(directory.path)).toEqual(['flags.json']);
  });

  it('creates a missing file, but not to remove a flag from it', async () => {
    await createFlagFile({ path }).write('new', undefined);
    expect(await readdir(directory.path)).toEqual([]);
    await createFlagFile({ path }).write('new', true);
    expect(await document()).toEqual({ flags: { new: true } });
  });

  it('does not rewrite a flag that has the value already, in any order of keys', async () => {
    const text = '{"flags":{"new":{"a":1,"b":2}}}';
    await writeFile(path, text);
    await createFlagFile({ path }).write('new', { b: 2, a: 1 });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('writes on top of a change that somebody made in between', async () => {
    await writeFile(path, '{"flags":{}}');
    await disturbedBy('{"flags":{"theirs":1}}').write('ours', true);
    expect(await document()).toEqual({ flags: { theirs: 1, ours: true } });
  });

  it('does not overwrite a file that somebody created in between', async () => {
    await disturbedBy('{"flags":{"theirs":1}}').write('ours', true);
    expect(await document()).toEqual({ flags: { theirs: 1, ours: true } });
  });

  it('gives way to somebody who keeps changing the file, and leaves no file behind', async () => {
    await writeFile(path, '{"flags":{}}');
    const error = await failure(disturbedBy('{"flags":{"theirs":1}}', '{"flags":{"theirs":2}}').write('ours', true));
    expect([error.code, error.message]).toEqual(['Conflict', expect.stringContaining(path)]);
    expect(await document()).toEqual({ flags: { theirs: 2 } });
    expect(await readdir(directory.path)).toEqual(['flags.json']);
  });

  it.each(['[]', '"x"', '{"flags": []}', '{"flags": {"a": 1', '', '{"id": 12345678901234567890}'])(
    'refuses the document %j and leaves it as it is',
    async (text) => {
      await writeFile(path, text);
      const error = await failure(createFlagFile({ path }).write('new', true));
      expect([error.code, error.message]).toEqual(['Rejected', expect.stringContaining(path)]);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('names path and errno when the file cannot be written', async () => {
    const error = await failure(createFlagFile({ path: join(directory.path, 'nowhere', 'flags.json') }).write('a', 1));
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/nowhere\/flags\.json.*ENOENT/)]);
  });
});
