import { ApplicationFailure, condition, patched, sleep, workflowInfo } from '@temporalio/workflow';
import { explain } from '../core/release/explain';
import { reportOf } from '../core/release/report';
import type { RecoveryResult } from '../activities/recovery';
import { isActivityFault } from './faults';
import type { Parts } from './parts';
import type { Run } from './run';

const askAgainMs = 5_000;

/** Whether a reset made this run: it repeats what another run did, up to some point. */
export function isCopy(): boolean {
  const { runId, originalExecutionRunId } = workflowInfo();
  return runId !== originalExecutionRunId;
}

async function ask(run: Run): Promise<RecoveryResult> {
  const options = { summary: 'it was reset: what became of the release' };
  for (;;) {
    try {
      return await run.activities.undo.openRecovery.executeWithOptions(options, [{ isReset: true }]);
    } catch (error) {
      if (!isActivityFault(error)) throw error;
    }
    await sleep(askAgainMs, { summary: 'ask again what became of the release' });
  }
}

/**
 * A run that was reset never goes forward. Of a release that had ended it ends at once; one that was open goes back, for the
 * world is ahead of what this run knows. Never resolves: it leaves the way back to the release, and says when
 * that may go on in a new run.
 */
export async function turnBackAfterReset({ run, publisher }: Parts, onKnown: () => void): Promise<never> {
  // The mark of a patch is the one thing that tells, the same at every replay, where the copied history ends.
  await condition(() => patched('after-reset'));
  const found = await ask(run);
  if (!found.ok) {
    run.record({ type: 'refused', refusals: found.refusals });
    run.record({ type: 'ended', ending: 'Refused' });
    run.showAttributes();
    throw ApplicationFailure.create({
      type: 'Refused',
      nonRetryable: true,
      message: explain(run.state()).sentence,
      details: [reportOf(run.state())],
    });
  }
  run.backlog.followChain(found.lastSeq);
  const { snapshot, phase, endedAtMs } = run.state();
  const isUnderWay = run.isGoingBack() && snapshot !== undefined;
  if (!isUnderWay && phase !== 'Promoted' && endedAtMs === undefined) {
    const own = snapshot === undefined ? { state: found.state } : {};
    run.record({
      type: 'recovered',
      ...own,
      from: 'reset',
      grant: found.grant,
      isJournalWhole: false,
      by: 'temporal',
      why: 'somebody reset its workflow',
    });
    publisher.flush();
  }
  onKnown();
  return new Promise<never>(() => undefined);
}
