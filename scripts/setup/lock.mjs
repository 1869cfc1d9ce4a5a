import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './command.mjs';
import { createProblem } from './problem.mjs';
import { cacheDirectory } from './where.mjs';

const lockPath = join(cacheDirectory, 'setup.lock');
const beatMs = 2_000;
const staleAfterMs = 15_000;

const isMissing = (error) => error.code === 'ENOENT';

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function tryTake(token) {
  try {
    await writeFile(lockPath, JSON.stringify({ pid: process.pid, host: hostname(), token }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

async function readHolder() {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(lockPath, 'utf8'), stat(lockPath)]);
    const age = Date.now() - mtimeMs;
    if (text === '') return { text, pid: 0, isStale: age > staleAfterMs };
    const { pid, host } = JSON.parse(text);
    return { text, pid, isStale: age > staleAfterMs || (host === hostname() && !isAlive(pid)) };
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Renaming is atomic, so of several waiters only one removes a dead holder's lock, and a fresh one is put back. */
async function removeStale(holder) {
  const aside = `${lockPath}.${randomUUID()}`;
  try {
    await rename(lockPath, aside);
    if ((await readFile(aside, 'utf8')) === holder.text) await rm(aside);
    else await rename(aside, lockPath);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function provideCache() {
  try {
    await mkdir(cacheDirectory, { recursive: true });
    await access(cacheDirectory, constants.W_OK);
  } catch (error) {
    throw createProblem({
      what: `The folder for downloads, ${cacheDirectory}, cannot be written to.`,
      why: `The set-up keeps there what it downloads and builds. The system says: ${error.message}`,
      wayOut:
        'Mend its permissions, or name another folder: SPILLWAY_CACHE=/path/of/your/own node scripts/setup.mjs (and keep that variable set).',
    });
  }
}

/** Runs `work` while no other set-up of this user runs; a holder that died is noticed. */
export async function withSetupLock(work) {
  await provideCache();
  const token = randomUUID();
  let isAnnounced = false;
  while (!(await tryTake(token))) {
    const holder = await readHolder();
    if (holder?.isStale) {
      await removeStale(holder);
      continue;
    }
    if (!isAnnounced) say(`… another set-up is running (process ${holder?.pid ?? '?'}); waiting for it`);
    isAnnounced = true;
    await sleep(300);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(lockPath, now, now).catch((error) => say(`! the lock ${lockPath} could not be refreshed: ${error.message}`));
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(lockPath, { force: true });
  }
}
