import { exitCodes } from '../cli/exit-codes';

/** Ctrl-C and its like, told once; a second one ends the process at once and leaves the rest to the watchdog. */
export type Interruption = { readonly signal: AbortSignal; dispose(): void };

const echoMs = 500;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Begins to listen; `onFirst` says that the end has begun. */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  const interrupt = (): void => {
    const nowMs = performance.now();
    // One Ctrl-C may arrive twice, from the terminal and from whoever started us.
    if (firstAtMs !== undefined && nowMs - firstAtMs > echoMs) process.exit(exitCodes.detached);
    if (firstAtMs !== undefined) return;
    firstAtMs = nowMs;
    controller.abort();
    onFirst();
  };
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}

/** Resolves when the interruption comes. */
export const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
