import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { taskQueues } from '../core/release/messages';

const day = '1 day';

/** Known faults end an activity by themselves after their bound; what is left to retry without end is a bug. */
const patient = { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' } as const;

/** Activities of one environment, each with the queue, bounds and cancellation that fits it. */
export const connectActivities = (environment: string) => {
  const queues = taskQueues(environment);
  return {
    /** Pure work, soon done and repeated at will. */
    planning: proxyActivities<Pick<Activities, 'compileRelease'>>({
      taskQueue: queues.effects,
      startToCloseTimeout: '5s',
      retry: patient,
    }),
    /** Read-only, long, restarted at once wherever a worker lives; an abort never waits for it. */
    observe: proxyActivities<Pick<Activities, 'observe' | 'readWatch'>>({
      taskQueue: queues.observe,
      startToCloseTimeout: '30 days',
      heartbeatTimeout: '1s',
      retry: { initialInterval: '50ms', backoffCoefficient: 1 },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    /** Read-only too, and less urgent: hours of it must cost the server little. */
    afterwards: proxyActivities<
      Pick<Activities, 'watchEnding' | 'watchSettings' | 'watchEndedSettings' | 'readSchemas' | 'watchSchemas'>
    >({
      taskQueue: queues.observe,
      startToCloseTimeout: '1 hour',
      heartbeatTimeout: '5s',
      retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    /** Changes that a rollback takes back: what was begun is waited for, so that its undo comes after it. */
    effects: proxyActivities<Omit<Activities, 'observe' | 'compileRelease'>>({
      taskQueue: queues.effects,
      startToCloseTimeout: day,
      scheduleToCloseTimeout: '14 days',
      heartbeatTimeout: '3s',
      retry: patient,
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
    undo: proxyActivities<Omit<Activities, 'observe' | 'compileRelease'>>({
      taskQueue: queues.undo,
      startToCloseTimeout: day,
      scheduleToCloseTimeout: '14 days',
      heartbeatTimeout: '3s',
      retry: { ...patient, initialInterval: '50ms', maximumInterval: '1s' },
      cancellationType: ActivityCancellationType.ABANDON,
    }),
    /** Long and with users on the canary: what takes its place waits until it has stopped writing. */
    drain: proxyActivities<Pick<Activities, 'drainTraffic'>>({
      taskQueue: queues.undo,
      startToCloseTimeout: day,
      scheduleToCloseTimeout: '14 days',
      heartbeatTimeout: '3s',
      retry: { ...patient, initialInterval: '50ms', maximumInterval: '1s' },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
    /** Evidence and notices catch up however long the store is away. */
    notices: proxyActivities<Pick<Activities, 'publish' | 'recordRole' | 'readLastSeq' | 'keepRelease'>>({
      taskQueue: queues.notices,
      startToCloseTimeout: '10s',
      scheduleToCloseTimeout: '365 days',
      retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
      cancellationType: ActivityCancellationType.ABANDON,
    }),
  };
};

export type Connected = ReturnType<typeof connectActivities>;
