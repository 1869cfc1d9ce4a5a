import type { Client } from '@temporalio/client';

/** The process that watches the exposure of a release, as Temporal knows it; undefined while nobody does. */
export async function readWatcherPid(temporal: Client, workflowId: string): Promise<number | undefined> {
  const { raw } = await temporal.workflow.getHandle(workflowId).describe();
  const watch = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'observe');
  const pid = Number((watch?.lastWorkerIdentity ?? '').split('@')[0]);
  return pid > 0 ? pid : undefined;
}
