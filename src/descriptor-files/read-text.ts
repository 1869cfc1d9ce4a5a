import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../core/descriptor/issue';

type Words = Pick<Finding, 'code' | 'message' | 'fix'>;
export type ReadText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly words: Words };

const refuse = (code: string, message: string, fix: string): ReadText => ({ ok: false, words: { code, message, fix } });

const faults: { readonly [code: string]: readonly [code: string, message: string, fix: string] } = {
  ENOENT: ['file-missing', 'there is no such file', 'create it, or correct its path'],
  ENOTDIR: ['file-missing', 'a part of the path is a file and not a folder', 'correct the path'],
  EACCES: ['file-unreadable', 'the file may not be read by this user', 'give read permission'],
  EPERM: ['file-unreadable', 'the file may not be read by this user', 'give read permission'],
  // What open says of a link that took the file's place after the look at it.
  ELOOP: ['file-linked', 'the path goes through a symbolic link', 'put the file itself there'],
  ENXIO: ['file-not-regular', 'this is a device, pipe or socket and not a file', 'name a file'],
  ENAMETOOLONG: ['file-missing', 'the path is too long to name a file', 'correct the path'],
};

/** Reads one regular file as UTF-8 text, following links; refuses what is no text or larger than `maxBytes`. */
export function readText(file: string, maxBytes: number): Promise<ReadText> {
  return readOpened(file, { maxBytes, flags: constants.O_RDONLY | constants.O_NONBLOCK });
}

/**
 * The same for a file below a folder, where no part of the way may be a symbolic link: a bundle must not carry
 * what stands elsewhere.
 */
export async function readTextBelow(
  folder: string,
  { relative, maxBytes }: { readonly relative: string; readonly maxBytes: number },
): Promise<ReadText> {
  const parts = relative.split('/');
  for (let count = 1; count <= parts.length; count += 1) {
    const way = parts.slice(0, count).join('/');
    const words = await refuseLink(path.join(folder, way), way);
    if (words !== undefined) return { ok: false, words };
  }
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  return readOpened(path.join(folder, ...parts), { maxBytes, flags });
}

async function refuseLink(file: string, shown: string): Promise<Words | undefined> {
  try {
    if (!(await lstat(file)).isSymbolicLink()) return undefined;
  } catch (error) {
    return fault(error);
  }
  return {
    code: 'file-linked',
    message: `${JSON.stringify(shown)} is a symbolic link, and a bundle carries only what stands below the descriptor`,
    fix: 'put the file itself there',
  };
}

async function readOpened(
  file: string,
  { maxBytes, flags }: { readonly maxBytes: number; readonly flags: number },
): Promise<ReadText> {
  try {
    const handle = await open(file, flags);
    try {
      return await readRegular(handle, maxBytes);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, words: fault(error) };
  }
}

async function readRegular(handle: FileHandle, maxBytes: number): Promise<ReadText> {
  const found = await handle.stat();
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'a device, pipe or socket';
    return refuse('file-not-regular', `this is ${kind} and not a file`, 'name a file');
  }
  // One byte more than allowed is read, because the size may grow after the look at it.
  const bytes = Buffer.alloc(Math.min(found.size, maxBytes) + 1);
  let length = 0;
  for (let count = 1; count > 0 && length < bytes.length; length += count) {
    count = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
  }
  if (length > maxBytes) {
    const message = `the file is larger than the ${Math.floor(maxBytes / 1_000)} kB that are left for it`;
    return refuse('file-too-large', message, 'make it smaller; rows do not belong into it');
  }
  return decode(bytes.subarray(0, length));
}

function decode(bytes: Uint8Array): ReadText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return { ok: true, text };
  } catch (error) {
    if (codeOf(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
  }
  return refuse('file-not-text', 'the file is binary or not UTF-8', 'save it as plain UTF-8 text');
}

// Asked by its code, because an error of another realm is no instance of this one's Error.
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function fault(error: unknown): Words {
  const known = faults[codeOf(error)];
  // Anything else is a fault of the machine and not of the file.
  if (known === undefined) throw error;
  return { code: known[0], message: known[1], fix: known[2] };
}
