import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.mjs';
import { cacheDirectory } from './where.mjs';

const script = fileURLToPath(new URL('./sdk-download-child.mjs', import.meta.url));
const timeoutMs = 30_000;

/**
 * Lets Temporal's SDK download one of its servers into `target`. Runs in a child, since a stuck download cannot be cancelled.
 * Resolves to undefined when it worked, else to the reason.
 */
export async function downloadWithSdk({ kind, version, target }) {
  await mkdir(cacheDirectory, { recursive: true });
  const directory = await mkdtemp(join(cacheDirectory, 'download-'));
  try {
    const result = await runCommand(process.execPath, [script, kind, version, directory], { timeoutMs });
    const name = await findBinary(directory);
    if (result.isOk && name) {
      await mkdir(dirname(target), { recursive: true });
      await chmod(join(directory, name), 0o755);
      await rename(join(directory, name), target);
      return undefined;
    }
    if (result.isTimedOut) return `no answer within ${timeoutMs / 1000} s`;
    // The SDK nests its causes, each after a colon and repeated; the last one is the root.
    return result.tail.split(': ').at(-1)?.trim() || 'no file arrived';
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function findBinary(directory) {
  for (const name of await readdir(directory)) {
    const { size } = await stat(join(directory, name));
    // Markers and half-written files are smaller than any of these servers.
    if (size > 5_000_000 && !name.includes('downloading')) return name;
  }
  return undefined;
}
