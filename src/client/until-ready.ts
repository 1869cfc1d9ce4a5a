import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from './client-error';

const waitsMs = [50, 100, 200, 400, 800, 1_600];

const dropped = /workflow task (failure|in failed state)/i;

/**
 * Temporal drops an update, undecided, when the workflow task that carries it fails: a message came in between as a new run
 * began. One connection of the SDK says so in the error, the other in its cause.
 */
function isNotReady(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const isSaid = 'message' in error && typeof error.message === 'string' && dropped.test(error.message);
  return isSaid || ('cause' in error && isNotReady(error.cause));
}

/**
 * Says it again, under the same id, until a workflow task takes it.
 * @throws ClientError `internal` where every task fails
 */
export async function untilReady<T>(workflowId: string, update: () => Promise<T>): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await update();
    } catch (error) {
      if (!isNotReady(error)) throw error;
    }
    await sleep(waitMs);
  }
  return update().catch((error: unknown) => {
    if (!isNotReady(error)) throw error;
    throw new ClientError(
      'internal',
      `${workflowId} could not take it, so it does not count: its workflow tasks fail. ` +
        "The worker's log and the history in Temporal's UI say why; say it again when that is mended.",
      { cause: error },
    );
  });
}
