import { condition } from '@temporalio/workflow';
import type { Run } from './run';

/** Thrown when the release turns back: the stages stop where they are. */
export class TurnedBack extends Error {
  override readonly name = 'TurnedBack';
}

/** Ends the way forward as soon as the release turns back; called after every await of a stage. */
export function assertForward(run: Run): void {
  if (run.isGoingBack()) throw new TurnedBack('the release is going back');
}

/** Waits while nothing turns it back; false when `timeoutMs` ran out. */
export async function waitFor(run: Run, isSo: () => boolean, timeoutMs?: number, summary?: string): Promise<boolean> {
  const done = (): boolean => run.isGoingBack() || isSo();
  if (done()) {
    assertForward(run);
    return true;
  }
  const options = summary === undefined ? {} : { summary };
  const inTime = await run.whileWaiting(() =>
    timeoutMs === undefined ? condition(done).then(() => true) : condition(done, Math.max(1, timeoutMs), options),
  );
  assertForward(run);
  return inTime;
}

/** A pause holds every new effect back; what runs already is not cut. */
export async function whileUnpaused(run: Run): Promise<void> {
  await waitFor(run, () => run.state().paused === undefined);
}
