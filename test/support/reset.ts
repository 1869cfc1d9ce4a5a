import type { WorkflowHandle } from '@temporalio/client';
import type { Rig, Started } from './release-rig';

/** Resets a run to the workflow task that ended as the `index`-th from the last. */
export async function reset({ client }: Rig, { handle }: Started, index: number): Promise<WorkflowHandle> {
  const { workflowId, firstExecutionRunId: runId } = handle;
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const ends = (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: ended }) =>
    ended === null || ended === undefined ? [] : [eventId],
  );
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'a test',
    workflowTaskFinishEventId: ends.at(index) ?? null,
    requestId: runId,
  });
  return client.workflow.getHandle(workflowId, answer.runId ?? '');
}
