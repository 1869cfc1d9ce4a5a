import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../ports/errors';
import { spoken, type Remote } from './faults';
import { MirrorFault, type Mirror } from './mirror';

export type Author = { readonly name: string; readonly email: string };

export type Signer = {
  readonly author: Author;
  /** A private key of OpenSSH, as text; commits are not signed without one. */
  readonly signingKey?: string | undefined;
};

export type Change = {
  /** The commit it is made on. */
  readonly onto: string;
  readonly path: string;
  /** What the path is to hold; undefined removes it. */
  readonly content: { readonly mode: string; readonly bytes: Uint8Array } | undefined;
  readonly message: string;
  readonly byMs: number;
};

/**
 * A commit that changes one path and nothing else, made without a work tree. Nobody sees it before it is pushed.
 * @throws PortError `Rejected` for a path inside a file and for a key that cannot sign.
 */
export async function commitChange(mirror: Mirror, change: Change, signer: Signer, remote: Remote): Promise<string> {
  const workspace = await mkdtemp(join(mirror.directory, 'change-')).catch((error: unknown) => {
    throw new MirrorFault('no place for an index', { cause: error });
  });
  try {
    const variables = { GIT_INDEX_FILE: join(workspace, 'index') };
    const { byMs, onto, path, content } = change;
    await mirror.local(['read-tree', onto], { byMs, variables });
    if (content === undefined) await remove(mirror, path, { byMs, variables });
    else await place(mirror, { path, content, where: remote.where }, { byMs, variables });
    const tree = (await mirror.local(['write-tree'], { byMs, variables })).toString().trim();
    return await commitTree(mirror, { ...change, tree, workspace }, signer, remote);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

type Context = { readonly byMs: number; readonly variables: { readonly [name: string]: string } };
type Placed = {
  readonly path: string;
  readonly content: { readonly mode: string; readonly bytes: Uint8Array };
  readonly where: string;
};

async function place(mirror: Mirror, { path, content, where }: Placed, context: Context): Promise<void> {
  const hash = ['hash-object', '-w', '--stdin'];
  const object = (await mirror.local(hash, { ...context, input: content.bytes })).toString().trim();
  // Without --replace git takes no path whose directory is a file in the tree: that file is not ours to remove.
  const add = ['update-index', '--add', '--cacheinfo', `${content.mode},${object},${path}`];
  const { exitCode, stderr } = await mirror.git(add, context);
  if (exitCode === 0) return;
  const why = spoken(stderr, (text) => text);
  throw new PortError('Rejected', `${where}: ${path} cannot be a file there; correct \`paths\`. Git says: ${why}`);
}

async function remove(mirror: Mirror, path: string, context: Context): Promise<void> {
  const input = Buffer.from(`0 ${'0'.repeat(40)}\t${path}\0`);
  await mirror.local(['update-index', '-z', '--index-info'], { ...context, input });
}

type Made = Change & { readonly tree: string; readonly workspace: string };

async function commitTree(
  mirror: Mirror,
  { tree, onto, message, byMs, workspace }: Made,
  { author, signingKey }: Signer,
  { where, redact }: Remote,
): Promise<string> {
  const variables = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  };
  const sign: string[] = [];
  if (signingKey !== undefined) {
    const path = join(workspace, 'key');
    // OpenSSH takes no key without a last line end, and none that others may read.
    await writeFile(path, `${signingKey.trimEnd()}\n`, { mode: 0o600 });
    sign.push(`-S${path}`);
  }
  const args = ['-c', 'gpg.format=ssh', 'commit-tree', ...sign, '-p', onto, tree];
  const call = { byMs, variables, input: Buffer.from(message) };
  if (signingKey === undefined) return (await mirror.local(args, call)).toString().trim();
  const { exitCode, stdout, stderr } = await mirror.git(args, call);
  if (exitCode === 0) return stdout.toString().trim();
  const why = spoken(stderr.replaceAll(workspace, ''), redact);
  const next =
    'check that `sign.key` is a private key of OpenSSH without a passphrase, and that ssh-keygen is installed';
  throw new PortError('Rejected', `${where}: the commit cannot be signed; ${next}. Git says: ${why}`);
}
