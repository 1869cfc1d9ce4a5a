import { stat } from 'node:fs/promises';
import { PortError } from '../ports/errors';
import { errorCode } from './error-code';
import { fileFault } from './file-fault';
import { readWhole, replaceWhole, resolveLinks } from './whole-file';

/** What is mounted where, one line each; on Linux alone. */
const mountTable = '/proc/self/mountinfo';

/** A path of the mount table, whose blanks are written as octal numbers. */
const plain = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

async function isMounted(path: string, table: string): Promise<boolean> {
  const lines = (await readWhole(table))?.toString().split('\n') ?? [];
  return lines.some((line) => plain(line.split(' ')[4] ?? '') === path);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw fileFault('written', path, error);
  }
}

/** What the last step of a replacement would stumble over, though a file beside it can be written. */
async function refuseUnplaceable(path: string, table: string): Promise<void> {
  if (await isDirectory(path))
    throw new PortError('Rejected', `${path}: cannot be written (EISDIR); it is a directory, so name a file`);
  if (await isMounted(path, table))
    throw new PortError(
      'Rejected',
      `${path}: cannot be written (EBUSY); it is mounted by itself, as containers do, so mount its directory instead`,
    );
}

/**
 * Does all that `replaceWhole` does but the last step: the file stays as it is, and nothing stays beside it.
 * @throws PortError with path and errno where a replacement would not work.
 */
export async function tryReplace(path: string, bytes: Uint8Array, mounts = mountTable): Promise<void> {
  const place = await resolveLinks(path);
  await refuseUnplaceable(place, mounts);
  await replaceWhole(place, { bytes, mayReplace: () => Promise.resolve(false) });
}
