import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { taskQueues, type RecoverRequest } from '../core/release/messages';
import type { release } from '../workflows/release';
import { ClientError } from './client-error';
import type { Person } from './decide';
import { readReleaseId } from './release-id';
import { alreadyRunning, placeOf, uiUrlOf, type Started } from './start';
import { call, type Temporal } from './temporal';

export type RecoverInput = Person & {
  readonly workflowId: string;
  /** First run id of the release; the one that is open when left out. */
  readonly firstRunId?: string | undefined;
};

/** Starts the rollback of a release whose workflow was terminated or lost: a run of the same id, so it takes the lock. */
export async function recoverRelease(temporal: Temporal, input: RecoverInput): Promise<Started> {
  const { workflowId, firstRunId, by, why } = input;
  const { kind, environment, service } = readReleaseId(workflowId);
  if (kind === 'contract')
    throw new ClientError(
      'invalid',
      'A contract only goes forward, so there is nothing to recover: start its release’s next version, or run its SQL by hand.',
    );
  const request: RecoverRequest = {
    recover: firstRunId === undefined ? {} : { firstRunId },
    requestedBy: by,
    why,
  };
  try {
    const handle = await call(temporal, { workflowId }, () =>
      temporal.client.workflow.start<typeof release>('release', {
        args: [{ request }],
        workflowId,
        taskQueue: taskQueues(environment).workflow,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowTaskTimeout: '3s',
        typedSearchAttributes: placeOf(service, environment),
        staticSummary: `recover ${service} in ${environment}`,
        memo: { requestedBy: by, ...(firstRunId === undefined ? {} : { recovers: firstRunId }) },
      }),
    );
    const uiUrl = uiUrlOf(temporal, workflowId, handle.firstExecutionRunId);
    return { workflowId, firstRunId: handle.firstExecutionRunId, ...(uiUrl === undefined ? {} : { uiUrl }) };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyRunning(temporal, workflowId, error);
    throw error;
  }
}
