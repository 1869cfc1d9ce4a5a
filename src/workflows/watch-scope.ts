import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { causeOf, isActivityFault } from './faults';

/** One watch at a time, which is no part of the stage that begins it: what cuts the stages short must not blind anybody. */
export function createWatchScope() {
  let scope: CancellationScope | undefined;
  let watching: Promise<void> = Promise.resolve();
  return {
    /** Takes the place of the watch before it; `onFault` hears why it cannot go on. */
    begin(watch: () => Promise<unknown>, onFault: (why: string) => void): void {
      scope?.cancel();
      const earlier = watching;
      const begun = CancellationScope.nonCancellable(() => {
        scope = new CancellationScope({ cancellable: true });
        return scope.run(watch);
      }).catch((error: unknown) => {
        if (isCancellation(error)) return;
        if (!isActivityFault(error)) throw error;
        onFault(causeOf(error).message);
      });
      watching = Promise.all([earlier, begun]).then(() => undefined);
    },
    /** Ends it, and waits for what is under way in it. */
    end: async (): Promise<void> => {
      scope?.cancel();
      await watching;
    },
  };
}
