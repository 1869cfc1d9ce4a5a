import { condition, continueAsNew, defineSignal, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Acknowledgement } from '../../src/core/release/messages';
import { updates } from '../../src/workflows/messages';

/** Until when the server refuses every workflow task that takes an approval; epoch milliseconds. */
export const refusedUntil = defineSignal<[number]>('refusedUntil');

/** Stands in for a release that begins a new run as it takes an approval, by a workflow task that the server refuses for a while. */
export async function betweenRuns(isLast: boolean): Promise<void> {
  let untilMs = Infinity;
  let isApproved = false;
  setHandler(refusedUntil, (ms) => void (untilMs = ms));
  setHandler(updates.approve, (): Acknowledgement => {
    isApproved = true;
    if (Date.now() < untilMs) upsertSearchAttributes({ NobodyKnowsIt: ['so the server refuses the task'] });
    return { accepted: true, sentence: 'Approved.' };
  });
  await condition(() => isApproved);
  if (!isLast) await continueAsNew<typeof betweenRuns>(true);
  await condition(() => false);
}
