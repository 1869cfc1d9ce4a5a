import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';

const pollMs = 100;
/** A busy worker answers late, and asking again makes it later still: what nobody waits for any more is answered too. */
export const askMs = 10_000;

export const isRefusal = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError;

/** An error with what caused it: the outermost words of a client say little. */
export const wordsOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? `${String(error)}: ${wordsOf(error.cause)}` : String(error);

/** Tries until it works: in a fault, nobody answering is a moment and no error. */
export async function insist<T>(what: string, deadlineMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown = 'it was not so';
  for (;;) {
    try {
      const found = await ask();
      if (found !== undefined) return found;
    } catch (error) {
      if (isRefusal(error)) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}: ${wordsOf(last)}`);
    await sleep(pollMs);
  }
}
