import { PortError } from '../../../ports/errors';
import type { Mirror } from './mirror';

/** A file at one commit: mode and bytes, exactly as they are there. */
export type Entry = { readonly mode: string; readonly object: string; readonly bytes: Buffer };

export type At = { readonly commit: string; readonly path: string; readonly byMs: number };

/** The file at a commit, or undefined when it has none. */
export async function readEntry(mirror: Mirror, { commit, path, byMs }: At, where: string): Promise<Entry | undefined> {
  const found = await mirror.local(['ls-tree', '-z', commit, '--', path], { byMs });
  const [, mode, type, object] = /^(\d+) (\w+) ([0-9a-f]+)\t/.exec(found.toString()) ?? [];
  if (mode === undefined || object === undefined) return undefined;
  if (type !== 'blob' || mode === '120000') {
    const kind = type === 'tree' ? 'a directory' : type === 'blob' ? 'a symbolic link' : 'another repository';
    throw new PortError('Rejected', `${where}: ${path} is ${kind}, not a file; correct \`paths\``);
  }
  return { mode, object, bytes: await mirror.local(['cat-file', 'blob', object], { byMs }) };
}
