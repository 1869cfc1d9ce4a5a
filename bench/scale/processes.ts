import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pickFreePort } from '../../src/stack/free-port';
import { isAnswering } from '../../src/stack/is-answering';
import { launcher } from '../../src/stack/launcher';
import type { Component } from '../../src/stack/process';
import type { Stack } from '../../src/stack/start-stack';

export type WorkerProcess = Component & { readonly url: string };

type Files = { readonly environmentFile: (environment: string) => string; readonly policyFile: string };
type Ports = {
  readonly slots: { readonly blue: number; readonly green: number };
  readonly trafficPort: number;
  readonly controlPort: number;
};

const runTypescript = (file: string, ...rest: readonly (string | number)[]): string[] => [
  join(__dirname, '..', 'run.mjs'),
  join(__dirname, file),
  ...rest.map(String),
];

/** What runs beside the stack, each in a process of its own that the stack stops. */
export function createProcesses(stack: Stack, env: NodeJS.ProcessEnv, { environmentFile, policyFile }: Files) {
  const add = (title: string, args: readonly string[], isReady: () => Promise<boolean>): Promise<Component> =>
    stack.add({
      title,
      command: process.execPath,
      args,
      logPath: join(stack.runDirectory, `${title.replaceAll(' ', '-')}.log`),
      env,
      stopSignal: 'SIGTERM',
      readyTimeoutMs: 60_000,
      isReady,
    });
  let workers = 0;
  return {
    startServices: ({ slots, trafficPort, controlPort }: Ports): Promise<Component> =>
      add('services', runTypescript('world.ts', slots.blue, slots.green, trafficPort, controlPort), () =>
        isAnswering(`http://127.0.0.1:${controlPort}/`),
      ),
    startWorker: async (options: readonly string[] = []): Promise<WorkerProcess> => {
      const port = await pickFreePort();
      const url = `http://127.0.0.1:${port}`;
      workers += 1;
      const isProfiled = process.env['SPILLWAY_BENCH_PROFILE'] === '1';
      const profile = isProfiled ? ['--cpu-prof', '--cpu-prof-dir=/tmp/spillway-profile'] : [];
      const files = ['--environment', environmentFile('scale'), '--policy', policyFile];
      const args = [...profile, launcher, 'worker', ...files, '--port', String(port), '--grace', '1', ...options];
      return { ...(await add(`worker ${workers}`, args, () => isAnswering(`${url}/readyz`))), url };
    },
    /** A worker that calls the same activities from a workflow without anything around them. */
    startBareWorker: (): Promise<Component> => {
      const readyFile = join(stack.runDirectory, 'bare-worker-is-ready');
      const args = runTypescript('bare/worker.ts', environmentFile('bare'), policyFile, readyFile);
      return add('bare worker', args, () => Promise.resolve(existsSync(readyFile)));
    },
  };
}
