import { randomUUID } from 'node:crypto';
import { link, open, readFile, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './error-code';
import { fileFault } from './file-fault';

/** A file that takes longer is on a disk that hangs. */
export const fileTimeoutMs = 5_000;

export type Replacement = {
  readonly bytes: Uint8Array;
  /** Whose owner and mode a file that does not exist yet gets. */
  readonly like?: string;
  /** Asked right before the new file takes its place. */
  readonly mayReplace?: () => Promise<boolean>;
};

/** The bytes of a file, or undefined when there is none. Faults name path and errno. */
export async function readWhole(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFault('read', path, error);
  }
}

/** Where the path leads: replacing a symbolic link by a file would cut off those who share its target. */
export async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return path;
    throw fileFault('read', path, error);
  }
}

/**
 * Replaces the whole file in one step that survives a crash: readers see the old bytes or the new ones. Owner and mode stay.
 * @returns false when `mayReplace` said no; the file is then as it was.
 */
export async function replaceWhole(path: string, { bytes, like, mayReplace }: Replacement): Promise<boolean> {
  return viaTemporary(path, { bytes, like: like ?? path }, async (temporary) => {
    if (mayReplace !== undefined && !(await mayReplace())) return false;
    await rename(temporary, path);
    return true;
  });
}

/** Creates the file unless it exists; what is there first stays. Owner and mode as those of `like`. */
export async function createWhole(path: string, { bytes, like }: Omit<Replacement, 'mayReplace'>): Promise<void> {
  await viaTemporary(path, { bytes, like: like ?? path }, async (temporary) => {
    await link(temporary, path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
    return true;
  });
}

/** Removes the file if it is there. */
export async function removeWhole(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await syncDirectory(path);
  } catch (error) {
    throw fileFault('removed', path, error);
  }
}

type Draft = { readonly bytes: Uint8Array; readonly like: string };

async function viaTemporary(path: string, draft: Draft, place: (temporary: string) => Promise<boolean>) {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeDraft(temporary, draft);
    const isPlaced = await place(temporary);
    await syncDirectory(path);
    return isPlaced;
  } catch (error) {
    throw fileFault('written', path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeDraft(temporary: string, { bytes, like }: Draft): Promise<void> {
  const model = await stat(like).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  // Nobody else may read it before it has the owner and mode it is meant to have.
  const file = await open(temporary, 'wx', model ? 0o600 : 0o666);
  try {
    await file.writeFile(bytes);
    if (model !== undefined) await adopt(file, model);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function adopt(file: FileHandle, { uid, gid, mode }: { uid: number; gid: number; mode: number }): Promise<void> {
  const mine = await file.stat();
  if (mine.uid !== uid || mine.gid !== gid) await file.chown(uid, gid);
  await file.chmod(mode & 0o7777);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
