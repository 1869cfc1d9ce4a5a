import { condition, workflowInfo } from '@temporalio/workflow';

/** Whether the server wants the history to begin anew: far below the size at which it would end the workflow. */
export const isHistoryLong = (): boolean => workflowInfo().continueAsNewSuggested;

/** The server wants a new run from 4 MB or 4,096 events on, and ends a workflow at 50 MB or 51,200. */
const mostBytes = 10_000_000;
const mostEvents = 12_000;

/**
 * Whether the server may soon end this workflow: a new run was wanted for long and could not begin, because something is
 * under way or because signals come faster than a task can end.
 */
export function isFlooded(): boolean {
  const { historySize, historyLength } = workflowInfo();
  return historySize > mostBytes || historyLength > mostEvents;
}

/** Waits for `work`, but no longer than the history may grow: then `continue`, at a moment when `mayCut` holds. */
export async function untilDoneOrLong(work: Promise<void>, mayCut: () => boolean): Promise<'done' | 'continue'> {
  let isDone = false;
  const over = work.then(() => {
    isDone = true;
  });
  await Promise.race([over, condition(() => isDone || (isHistoryLong() && mayCut()))]);
  return isDone ? 'done' : 'continue';
}
