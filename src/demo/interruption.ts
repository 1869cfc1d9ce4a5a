/** Ctrl-C and its like, told once; a second one ends the process at once and leaves the rest to the watchdog. */
export type Interruption = { readonly signal: AbortSignal; dispose(): void };

/** Thrown where work is given up because the person pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export const interruptedExitCode = 130;

/** Begins to listen; `onFirst` says that the end has begun. */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort(new Interrupted('interrupted'));
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

/** The outcome of `work`, or {@link Interrupted} as soon as the person wants out; the work itself is not stopped. */
export async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const leave = interrupted(signal).then((): never => {
    throw new Interrupted('interrupted');
  });
  // Whichever is slower may fail later, when nobody looks any more.
  leave.catch(() => undefined);
  work.catch(() => undefined);
  return Promise.race([work, leave]);
}
