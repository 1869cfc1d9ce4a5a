import { readFile } from 'node:fs/promises';

/** What Linux says of processes together: seconds of processor so far, and memory they hold. */
export type Use = { readonly cpuSeconds: number; readonly rssBytes: number };

const ticksPerSecond = 100; // USER_HZ, the same on every Linux that Node supports.

async function readOne(pid: number): Promise<Use> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // The command's name, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssBytes: Number(rss ?? 0) * 1_024,
  };
}

export async function readUse(pids: readonly number[]): Promise<Use> {
  const uses = await Promise.all(pids.map((pid) => readOne(pid)));
  const sum = (key: keyof Use): number => uses.reduce((total, use) => total + use[key], 0);
  return { cpuSeconds: sum('cpuSeconds'), rssBytes: sum('rssBytes') };
}

/** Cores that processes kept busy while the work went on. */
export async function coresDuring<K extends string>(
  pids: { readonly [N in K]: readonly number[] },
  work: () => Promise<void>,
): Promise<{ readonly [N in K]: number }> {
  const names = Object.keys(pids) as K[];
  const read = () => Promise.all(names.map((name) => readUse(pids[name])));
  const startedMs = performance.now();
  const before = await read();
  await work();
  const after = await read();
  const seconds = (performance.now() - startedMs) / 1_000;
  const cores = names.map((name, index) => {
    const used = (after[index]?.cpuSeconds ?? 0) - (before[index]?.cpuSeconds ?? 0);
    return [name, Math.round((100 * used) / seconds) / 100] as const;
  });
  return Object.fromEntries(cores) as { [N in K]: number };
}
