import type { Client } from '@temporalio/client';
import type { HistoryAndWorkflowId } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { passLateRelease } from '../../src/worker';
import { workflowBundle } from './workflow-bundle';

/** Replays every workflow that a query finds on today's code. @throws what the first one says that does not replay */
export async function replayAll(client: Client, query: string): Promise<void> {
  const histories: HistoryAndWorkflowId[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query }))
    histories.push({ workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() });
  const errors: unknown[] = [];
  const replay = async (): Promise<void> => {
    const replayed = Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories);
    for await (const { error } of replayed) if (error !== undefined) errors.push(error);
  };
  await replay().catch(passLateRelease);
  if (errors.length > 0) throw errors[0];
}
