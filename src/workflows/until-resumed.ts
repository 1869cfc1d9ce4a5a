import { CancellationScope, condition } from '@temporalio/workflow';
import type { Run } from './run';

/** What `work` comes to, or null as soon as the pause is over; then it is cancelled. */
export function untilResumed<T>(run: Run, work: () => Promise<T>): Promise<T | null> {
  const scope = new CancellationScope({ cancellable: true });
  return scope.run(async () => {
    const both = [work(), condition(() => run.state().paused === undefined || run.isGoingBack()).then(() => null)];
    // Whichever comes second is cancelled, and nobody waits for it.
    for (const each of both) each.catch(() => undefined);
    try {
      return await Promise.race(both);
    } finally {
      scope.cancel();
    }
  });
}
