import { condition, workflowInfo } from '@temporalio/workflow';

/** Whether the server wants the history to begin anew: far below the size at which it would end the workflow. */
export const isHistoryLong = (): boolean => workflowInfo().continueAsNewSuggested;

/** Waits for `work`, but no longer than the history may grow: then `continue`, at a moment when `mayCut` holds. */
export async function untilDoneOrLong(work: Promise<void>, mayCut: () => boolean): Promise<'done' | 'continue'> {
  let isDone = false;
  const over = work.then(() => {
    isDone = true;
  });
  await Promise.race([over, condition(() => isDone || (isHistoryLong() && mayCut()))]);
  return isDone ? 'done' : 'continue';
}
