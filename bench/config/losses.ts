import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy, type Haproxy } from '../../src/stack/haproxy';
import { nowMs } from '../../src/stack/load-sender';

/** One way in which a proxy loses what was set at run time; it serves again when the promise resolves. */
export type Loss = { readonly name: string; strike(proxy: Haproxy): Promise<void> };

const patienceMs = 30_000;
const lookEveryMs = 5;

const pidOf = (answer: string): number => Number(/^Pid: (\d+)$/m.exec(answer)?.[1]);

export const readWorkerPid = async (socketPath: string): Promise<number> =>
  pidOf(await askHaproxy(socketPath, 'show info'));

/** `kill -9` of the process that serves; its master ends with it, and both are started again as a service manager would. */
export async function killProxy(proxy: Haproxy): Promise<void> {
  process.kill(await readWorkerPid(proxy.socketPath), 'SIGKILL');
  while (proxy.pid() !== undefined) await sleep(lookEveryMs);
  await proxy.start();
}

/** Nobody saves anything before a blow: what a new process begins with is in the files that the worker keeps, where it keeps any. */
export const losses: readonly Loss[] = [
  { name: 'reload', strike: (proxy) => proxy.reload({ state: 'left' }) },
  { name: 'restart', strike: (proxy) => proxy.restart() },
  { name: 'kill -9 of the worker', strike: killProxy },
];

export type Lost = {
  /** The process that ends. */
  readonly pid: number;
  /** What to ask the socket of the proxy, and whether its answer is that of before. */
  readonly command: string;
  readonly isAsBefore: (answer: string) => boolean;
};

/** Looks until another process is as the one before: when it answered first, and when as before. */
export async function watchRestored(socketPath: string, { pid, command, isAsBefore }: Lost) {
  const untilMs = nowMs() + patienceMs;
  let answeredMs: number | undefined;
  for (; nowMs() < untilMs; await sleep(lookEveryMs)) {
    // Between two processes nobody answers.
    const answer = await askHaproxy(socketPath, `show info; ${command}`).catch(() => '');
    if (answer === '' || pidOf(answer) === pid) continue;
    answeredMs ??= nowMs();
    if (isAsBefore(answer)) return { answeredMs, restoredMs: nowMs() };
  }
  throw new Error(`${socketPath} was not as before within ${patienceMs} ms`);
}
