import type { Client } from '@temporalio/client';
import type { Lane } from './lane';

/** Ends what an earlier case left open on purpose, such as a contract that waits, so that nothing of it acts on. */
export async function clearLane(temporal: Client, lane: Lane): Promise<void> {
  const query = `TaskQueue = 'spillway-${lane.name}-workflow' and ExecutionStatus = 'Running'`;
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    // It may have ended by itself since it was listed.
    await temporal.workflow
      .getHandle(workflowId)
      .terminate('the next case begins')
      .catch(() => undefined);
  }
}
