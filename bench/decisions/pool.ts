import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Result, Task } from './task';

/** Threads that simulate and judge. */
export type Pool = {
  readonly threads: number;
  /** @throws what broke in the thread. */
  run(task: Task): Promise<Result>;
  close(): Promise<void>;
};

type Waiting = {
  readonly task: Task;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

const runner = join(__dirname, '..', 'run.mjs');
const entry = join(__dirname, 'cell-worker.ts');

/** Starts threads; each answers one task at a time, in the order they were asked. */
export function startPool(threads: number): Pool {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Waiting>();
  let broken: unknown;

  const assign = (): void => {
    for (let worker = idle.at(-1); worker !== undefined; worker = idle.at(-1)) {
      const next = queue.shift();
      if (next === undefined) return;
      idle.pop();
      busy.set(worker, next);
      worker.postMessage(next.task);
    }
  };
  const breakDown = (error: unknown): void => {
    broken = error;
    for (const { reject } of [...busy.values(), ...queue.splice(0)]) reject(error);
    busy.clear();
  };
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(runner, { argv: [entry] });
    worker.on('message', (result: Result) => {
      busy.get(worker)?.resolve(result);
      busy.delete(worker);
      idle.push(worker);
      assign();
    });
    worker.on('error', breakDown);
    idle.push(worker);
    return worker;
  });
  return {
    threads,
    run: (task) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined)
          return reject(broken instanceof Error ? broken : new Error('a thread of the pool broke'));
        queue.push({ task, resolve, reject });
        assign();
      }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
