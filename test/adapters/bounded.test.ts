import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bounded } from '../../src/adapters/bounded';
import { createFlagFile } from '../../src/adapters/flags/file';
import { replaceWhole } from '../../src/adapters/whole-file';
import { failure } from '../support/failure';

const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a write that hangs ends as an absence, names the target, and its undo comes after it', async () => {
  const path = join(folder, 'flags.json');
  let letGo = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (letGo = resolve));
  const file = createFlagFile({
    path,
    replace: async (...args) => {
      await hanging;
      return replaceWhole(...args);
    },
  });
  const flags = bounded(file, { target: 'flags-eu', timeoutMs: 50 });
  const late = await failure(flags.write('new', true));
  expect(late.code).toBe('TargetUnavailable');
  expect(late.message).toMatch(/^flags-eu: write did not end within 50 ms\. Look whether/);
  // What was begun goes first in the end, so that the undo is the last word.
  expect((await failure(flags.write('new', false))).code).toBe('TargetUnavailable');
  letGo();
  await file.write('new', false);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ flags: { new: false } });
});

test('a call that ends in time gives what the port gives, its faults as well', async () => {
  const port = {
    name: 'a port',
    read: () => Promise.resolve(7),
    refuse: () => Promise.reject(new RangeError('no')),
    throws: (): Promise<never> => {
      throw new RangeError('at once');
    },
  };
  const held = bounded(port, { target: 'any', timeoutMs: 10_000 });
  expect(held.name).toBe('a port');
  expect(await held.read()).toBe(7);
  await expect(held.refuse()).rejects.toThrow(new RangeError('no'));
  await expect(held.throws()).rejects.toThrow(new RangeError('at once'));
});
