import type { Client } from '@temporalio/client';
import { releaseWorkflowId, taskQueues } from '../../src/core/release/messages';
import type { Lane } from './lane';

const lastEvents = 12;
const mostDetails = 6_000;

const timeOf = (at: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined): string =>
  at === null || at === undefined
    ? '-'
    : new Date(Number(at.seconds) * 1_000 + (at.nanos ?? 0) / 1e6).toISOString().slice(11, 23);

/** What the server has of a release that does not go on: its open tasks, who polls for them, the end of its history. */
export async function describeStanding(client: Client, lane: Lane): Promise<readonly string[]> {
  const workflowId = releaseWorkflowId(lane.name, lane.service);
  const { namespace } = client.options;
  const service = client.workflowService;
  const handle = client.workflow.getHandle(workflowId);
  const { raw, memo } = await handle.describe();
  const task = raw.pendingWorkflowTask;
  const { events } = await handle.fetchHistory();
  const queues = await Promise.all(
    Object.values(taskQueues(lane.name)).map(async (name) => {
      const { pollers } = await service.describeTaskQueue({
        namespace,
        taskQueue: { name },
        taskQueueType: name.endsWith('workflow') ? 1 : 2,
      });
      return `queue ${name}: ${(pollers ?? []).map((each) => `${each.identity} ${timeOf(each.lastAccessTime)}`).join(', ')}`;
    }),
  );
  return [
    `now ${new Date().toISOString().slice(11, 23)}; fired ${lane
      .fired()
      .map(({ pid, atMs }) => `${pid} ${new Date(atMs).toISOString().slice(11, 23)}`)
      .join(', ')}`,
    `it says: ${String(memo?.['sentence'])}`,
    task === null || task === undefined
      ? 'no workflow task is open'
      : `workflow task: state ${task.state}, attempt ${task.attempt}, scheduled ${timeOf(task.scheduledTime)}, started ${timeOf(task.startedTime)}`,
    ...(raw.pendingActivities ?? []).map(
      (each) =>
        `activity ${each.activityType?.name}: state ${each.state}, attempt ${each.attempt}, by ${each.lastWorkerIdentity}, ` +
        `started ${timeOf(each.lastStartedTime)}, beat ${timeOf(each.lastHeartbeatTime)}, ${each.lastFailure?.message ?? ''}; ` +
        Buffer.from(each.heartbeatDetails?.payloads?.[0]?.data ?? [])
          .toString()
          .slice(0, mostDetails),
    ),
    ...queues,
    ...(events ?? [])
      .slice(-lastEvents)
      .map(
        (event) =>
          `event ${String(event.eventId)} ${timeOf(event.eventTime)} type ${event.eventType} ${event.workflowTaskStartedEventAttributes?.identity ?? event.activityTaskScheduledEventAttributes?.activityType?.name ?? ''}`,
      ),
  ];
}
