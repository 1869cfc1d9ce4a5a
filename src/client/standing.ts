import type { WorkflowExecutionDescription } from '@temporalio/client';
import { noWorker } from './faults';
import { readReleaseId } from './release-id';
import type { Temporal } from './temporal';
import { hasWorker } from './workers';

/** A worker takes a task up within a moment; what waits for longer stands. */
const patienceMs = 5_000;

const happens = 'the release stands still, and this is how it was left';

/** How long the workflow has had something to do; undefined while it has nothing. */
function waitingMs({ raw }: WorkflowExecutionDescription): number | undefined {
  const { scheduledTime } = raw.pendingWorkflowTask ?? {};
  return scheduledTime?.seconds == null ? undefined : Date.now() - 1_000 * Number(scheduledTime.seconds);
}

/** Why a running release does not go on, as far as its workers are to blame; undefined when they are not. */
export async function whyStanding(
  temporal: Temporal,
  found: WorkflowExecutionDescription,
): Promise<string | undefined> {
  const { workflowId, status } = found;
  const forMs = waitingMs(found);
  if (status.name !== 'RUNNING' || (forMs !== undefined && forMs < patienceMs)) return undefined;
  const { environment } = readReleaseId(workflowId);
  if (!(await hasWorker(temporal, environment))) return noWorker(environment, happens).message;
  return forMs === undefined
    ? undefined
    : `No worker of ${environment} has gone on with ${workflowId} for ${Math.round(forMs / 1_000)} s: it is gone, too busy, or says why in its log.`;
}
