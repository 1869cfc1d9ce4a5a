import { CancellationScope } from '@temporalio/workflow';
import { isActivityFault } from './faults';
import { keptOf } from './kept';
import type { Run } from './run';

/** What the store did not take before the first change is kept as soon as it answers; nothing waits for that. */
export function keepLate(run: Run): void {
  const { notKept, requestedBy } = run.state();
  if (notKept === undefined) return;
  const input = { sealed: run.sealed(), requestedBy, ...keptOf(run) };
  const options = { summary: 'keep plan and snapshot in the store' };
  void CancellationScope.nonCancellable(async () => {
    try {
      await run.activities.notices.keepRelease.executeWithOptions(options, [input]);
      run.record({ type: 'snapshot-kept' });
    } catch (error) {
      if (!isActivityFault(error)) throw error;
    }
  });
}
