import { parentPort } from 'node:worker_threads';
import { answer, type Task } from './task';

/** Answers tasks until the port is closed; the thread of one pool place. */
export function main(): Promise<number> {
  const port = parentPort;
  if (port === null) throw new Error('bench/decisions/cell-worker.ts runs in a worker thread only');
  port.on('message', (task: Task) => port.postMessage(answer(task)));
  return new Promise((resolve) => port.once('close', () => resolve(0)));
}
