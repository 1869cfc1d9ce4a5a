import { setTimeout as pause } from 'node:timers/promises';

/** Polls until the condition holds; fails after `timeoutMs` (default 10 s). */
export const waitUntil = async (holds: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${timeoutMs} ms: ${holds.toString().slice(0, 200)}`);
    await pause(10);
  }
};
