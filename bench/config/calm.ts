import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseRun } from '../release-run';

/** Waits until the release says that everything which was changed or lost beside it is as before, or that it turned back. */
export async function untilCalm(run: ReleaseRun): Promise<void> {
  for (;;) {
    const { drifts = {}, splitLost, failure } = await run.state();
    const isCalm = splitLost === undefined && Object.values(drifts).every(({ endedAtMs }) => endedAtMs !== undefined);
    if (isCalm || failure !== undefined) return;
    await sleep(50);
  }
}
