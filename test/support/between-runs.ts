import { condition, continueAsNew, defineSignal, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Acknowledgement } from '../../src/core/release/messages';
import { updates } from '../../src/workflows/messages';

export const heard = defineSignal('heard');

const loopCount = 100_000_000;

type Kind = 'begins a new run' | 'only waits' | 'cannot go on';

/** Stands in for a release that takes an approval, and its time for that, by the workflow task with which it also does what its kind says. */
export async function betweenRuns(kind: Kind): Promise<void> {
  let isApproved = false;
  setHandler(heard, () => undefined);
  setHandler(updates.approve, (): Acknowledgement => {
    isApproved = true;
    let sum = 0;
    for (let index = 0; index < loopCount; index += 1) sum = (sum * 31 + index) % 1_000_003;
    return { accepted: true, sentence: `Approved after ${String(sum)}.` };
  });
  await condition(() => isApproved);
  if (kind === 'cannot go on') upsertSearchAttributes({ NobodyKnowsIt: ['so the server refuses the task'] });
  if (kind === 'begins a new run') await continueAsNew<typeof betweenRuns>('only waits');
  await condition(() => false);
}
