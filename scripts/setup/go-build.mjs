import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runCommand, say } from './command.mjs';
import { cacheDirectory } from './where.mjs';

/**
 * Runs `go ARGS` in a folder of its own, which it is told as GOBIN, and moves what comes out to `target`; says every half
 * minute that it is still at it. Resolves to the last lines of a failed build, else to undefined.
 */
export async function buildWithGo(go, args, { target, cwd, env = {} }) {
  await mkdir(cacheDirectory, { recursive: true });
  const directory = await mkdtemp(join(cacheDirectory, 'build-'));
  const startedAt = Date.now();
  const progress = setInterval(() => say(`  still building, ${Math.round((Date.now() - startedAt) / 1000)} s`), 30_000);
  try {
    // `go install` refuses GOBIN when another platform is asked for.
    const own = { GOBIN: directory, GOOS: '', GOARCH: '', GOFLAGS: '', ...env };
    const result = await runCommand(go, args(directory), { env: own, cwd: cwd ?? directory });
    if (!result.isOk) return result.tail;
    await mkdir(dirname(target), { recursive: true });
    await rename(join(directory, basename(target)), target);
    return undefined;
  } finally {
    clearInterval(progress);
    await rm(directory, { recursive: true, force: true });
  }
}
