import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, say } from './command.mjs';
import { cachedUnleash, findProgram, unleashVersion } from './where.mjs';

const moduleDirectory = fileURLToPath(new URL('unleash-module/', import.meta.url));
const files = ['package.json', 'package-lock.json'];
const timeoutMs = 10 * 60_000;

const readLock = (directory) => readFileSync(join(directory, 'package-lock.json'), 'utf8');

/** Resolves to the last lines of a failed installation, else to undefined; what is there is whole. */
async function install(npm) {
  const parent = dirname(cachedUnleash);
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'install-'));
  try {
    for (const file of files) await copyFile(join(moduleDirectory, file), join(directory, file));
    // None of its packages needs its scripts, and one of them reports to its makers.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
    const result = await runCommand(npm, args, { cwd: directory, timeoutMs });
    if (!result.isOk) return result.tail;
    await rm(cachedUnleash, { recursive: true, force: true });
    await rename(directory, cachedUnleash);
    return undefined;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Only its adapter is tested with it, and those tests fail and say why when it is not there: it never stops a set-up. */
export const unleash = {
  name: 'Unleash (for the tests of its adapter)',
  isDone: () =>
    existsSync(join(cachedUnleash, 'package-lock.json')) && readLock(cachedUnleash) === readLock(moduleDirectory),
  async run() {
    const npm = findProgram('npm');
    say(`… installing Unleash ${unleashVersion} with npm (190 MB on disk), about a minute, once`);
    const why = npm === undefined ? 'there is no npm here' : await install(npm);
    if (why === undefined) return 'installed';
    say(
      `! Unleash could not be installed, so the tests of its adapter fail:\n           ${why}\n` +
        '  Check `npm ping`, then run: node scripts/setup.mjs --with-tests',
    );
    return 'without';
  },
};
