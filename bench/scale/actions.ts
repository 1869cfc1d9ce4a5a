import type { History } from '@temporalio/common/lib/proto-utils';

/** What Temporal Cloud counts as actions, by the event that tells of them; a child workflow counts twice. */
const actionsOf: { readonly [attributes: string]: number } = {
  workflowExecutionStarted: 1,
  activityTaskScheduled: 1,
  timerStarted: 1,
  workflowExecutionSignaled: 1,
  workflowExecutionUpdateAccepted: 1,
  upsertWorkflowSearchAttributes: 1,
  workflowExecutionContinuedAsNew: 1,
  startChildWorkflowExecutionInitiated: 2,
  markerRecorded: 1,
};

/** Events and actions of a history; heartbeats leave no event, so they come on top. */
export function countActions({ events }: History): { readonly events: number; readonly actions: number } {
  const kinds = (events ?? []).flatMap((event) =>
    Object.entries(event).flatMap(([key, value]) =>
      key.endsWith('EventAttributes') && value !== null && value !== undefined
        ? [key.replace('EventAttributes', '')]
        : [],
    ),
  );
  return {
    events: kinds.length,
    actions: kinds.reduce((sum, kind) => sum + (actionsOf[kind] ?? 0), 0),
  };
}
