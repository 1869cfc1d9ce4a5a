import { CancellationScope, condition } from '@temporalio/workflow';
import type { SealedEffect } from '../core/plan/effects';
import { isDraining } from '../core/release/way-back';
import { isActivityFault } from './faults';
import type { Run } from './run';

/**
 * Leads users back step by step. When that is not calm any more, traffic is closed at once, beside the drain, and once
 * more when the drain has stopped: its last step may have come after the first closing.
 */
export async function drainTraffic(run: Run, sealed: SealedEffect, close: () => Promise<string>): Promise<string> {
  const { service, rollbackModes } = run.sealed().plan;
  const input = {
    permit: run.permit(),
    sealed,
    deploy: run.sealedEffect(`deploy/${service}`),
    service,
    times: rollbackModes.drain,
  };
  const scope = new CancellationScope({ cancellable: true });
  let isOver = false;
  const drained = scope
    .run(() =>
      run.activities.drain.drainTraffic.executeWithOptions({ summary: 'lead users back step by step' }, [input]),
    )
    .finally(() => {
      isOver = true;
    });
  await Promise.race([drained, condition(() => isOver || !isDraining(run.state()))]);
  if (isOver) return drained;
  scope.cancel();
  const closed = await close();
  const wasDrained = await drained.catch((error: unknown) => {
    if (!isActivityFault(error)) throw error;
    return undefined;
  });
  return wasDrained === undefined ? close() : closed;
}
