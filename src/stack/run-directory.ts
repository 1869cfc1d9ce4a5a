import { chmodSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// A Unix socket's path has at most 108 characters, of which our own names need up to 50.
const longestParent = 58;

/** Whether users other than the owner may pass through every folder down to `path`. */
export function isOpenToOthers(path: string): boolean {
  const isOpen = (statSync(path).mode & 0o001) !== 0;
  const parent = dirname(path);
  return isOpen && (parent === path || isOpenToOthers(parent));
}

/** A fresh short-named folder that this user owns; as root also passable for the user PostgreSQL has to run as. */
export function createRunDirectory(): string {
  const isRoot = process.getuid?.() === 0;
  const preferred = realpathSync(tmpdir());
  const isFit = preferred.length <= longestParent && (!isRoot || isOpenToOthers(preferred));
  const directory = mkdtempSync(join(isFit ? preferred : '/tmp', 'spillway-'));
  if (isRoot) chmodSync(directory, 0o711);
  return directory;
}
