import type { Client, WorkflowHandle } from '@temporalio/client';
import { taskQueues } from '../../src/core/release/messages';
import type { ReleaseState } from '../../src/core/release/state';
import type { release } from '../../src/workflows';
import type { Rig, Started } from './release-rig';
import { until } from './until';

/** A server deletes nothing before its queues are noted as done, by default every 30 s. */
export const deletesQuickly = ['transfer', 'visibility'].map(
  (queue) => `history.${queue}ProcessorUpdateAckInterval="1s"`,
);

export const isExposed = ({ journal }: ReleaseState): boolean =>
  journal.some(({ effect, state }) => effect === 'expose/shop' && state === 'done');

/** Recovers as the command line does; `firstRunId` names the release. */
export function recover(
  { client, environment }: Rig,
  { handle }: Started,
  firstRunId?: string,
): Promise<WorkflowHandle<typeof release>> {
  const request = {
    recover: firstRunId === undefined ? {} : { firstRunId },
    requestedBy: 'dee',
    why: 'somebody terminated it',
  };
  return client.workflow.start<typeof release>('release', {
    workflowId: handle.workflowId,
    taskQueue: taskQueues(environment).workflow,
    args: [{ request }],
  });
}

export const terminate = ({ client }: Rig, { handle }: Started): Promise<unknown> =>
  client.workflow.getHandle(handle.workflowId).terminate('enough');

/** Deletes a closed run, and waits until nothing of it is left. */
export async function forget(client: Client, workflowId: string, runId: string): Promise<void> {
  await client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
  });
  const isThere = (): Promise<boolean> =>
    client.workflow
      .getHandle(workflowId, runId)
      .describe()
      .then(
        () => true,
        () => false,
      );
  await until('the run is gone', async () => !(await isThere()), 30_000);
}
