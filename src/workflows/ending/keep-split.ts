import { CancellationScope, sleep } from '@temporalio/workflow';
import { pauseAfterRepair } from '../../core/drift/repair-pause';
import type { SealedEffect } from '../../core/plan/effects';
import { causeOf, isActivityFault } from '../faults';
import type { ReconcileInput } from '../reconcile';
import type { Connected } from '../retries';
import type { EndingNews } from './news';

/** Sets the split of an ending back as often as it changes, until a later release has begun. */
export async function keepSplit(
  { permit, isPromoted, endedBy, plan }: ReconcileInput,
  sealed: SealedEffect,
  { afterwards, undo, news }: Pick<Connected, 'afterwards' | 'undo'> & { readonly news: EndingNews },
): Promise<'superseded'> {
  const ending = { permit, sealed, isPromoted, endedBy };
  let count = 0;

  async function repair(observed: string, wanted: string): Promise<boolean> {
    let fault: string | undefined;
    try {
      const outcome = await CancellationScope.nonCancellable(() =>
        undo.restoreEnding.executeWithOptions({ summary: `set traffic back: ${wanted}` }, [ending]),
      );
      if (outcome === 'superseded') return false;
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      fault = causeOf(error).message;
    }
    count += 1;
    news.tell({ observed, wanted, count, ...(fault === undefined ? {} : { fault }) });
    return true;
  }

  for (;;) {
    const seen = await afterwards.watchEnding.executeWithOptions({ summary: `watch the split of ${plan.service}` }, [
      ending,
    ]);
    if (seen.kind === 'superseded' || !(await repair(seen.observed, seen.wanted))) return 'superseded';
    const pauseMs = pauseAfterRepair(count);
    if (pauseMs > 0) await sleep(pauseMs, { summary: 'something else writes weights too' });
  }
}
