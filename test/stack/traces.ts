import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListening } from '../../src/stack/is-listening';
import type { Stack } from '../../src/stack/start-stack';

/** What a stack could leave behind. */
export interface Traces {
  readonly runDirectory: string;
  readonly pids: readonly number[];
  readonly urls: readonly string[];
}

export function tracesOf(stack: Stack): Traces {
  const components = [stack.temporal, stack.postgres, stack.prometheus, ...stack.haproxy];
  const { temporal, postgres, prometheus, haproxy } = stack;
  return {
    runDirectory: stack.runDirectory,
    pids: components.map((component) => component.pid() ?? -1),
    urls: [
      ...[`http://${temporal.address}`, temporal.uiUrl ?? '', postgres.dsn(), prometheus.url],
      ...haproxy.flatMap(({ trafficUrl, statsUrl }) => [trafficUrl, statsUrl]),
    ],
  };
}

/** Whether it is there, but not as a zombie waiting for its parent. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function processesNaming(text: string): string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => ['cmdline', 'environ'].some((file) => read(`/proc/${name}/${file}`).includes(text)));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Everything of the stack that is still there. */
export async function remains({ runDirectory, pids, urls }: Traces): Promise<string[]> {
  const open = await Promise.all(
    urls.map(async (url) => ((await isListening(Number(new URL(url).port))) ? [url] : [])),
  );
  return [
    ...pids.filter(isAlive).map((pid) => `process ${pid}`),
    ...processesNaming(runDirectory).map((pid) => `process ${pid} naming the run directory`),
    ...open.flat(),
    ...(existsSync(runDirectory) ? [runDirectory] : []),
  ];
}

/** Polls until `check` holds; fails with what it last saw after `timeoutMs`. */
export async function eventually<Value>(
  check: () => Promise<Value>,
  { until, timeoutMs = 20_000 }: { until: (value: Value) => boolean; timeoutMs?: number },
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (until(value)) return value;
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${JSON.stringify(value)}`);
    await sleep(50);
  }
}
