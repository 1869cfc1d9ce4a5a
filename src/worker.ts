import { Worker } from '@temporalio/worker';
import { createActivities } from './activities';
import { createCallerInterceptor } from './activities/caller-interceptor';
import { createFaultInterceptor } from './activities/fault-interceptor';
import type { Ports } from './activities/ports';
import { taskQueues } from './core/release/messages';
import { createWorkflowWorker, sharedOptions, type WorkflowWorkerSettings } from './workflow-worker';

export type WorkerSettings = Omit<WorkflowWorkerSettings, 'environment'> & {
  readonly ports: Ports;
  /** Of the same connection and environment, for who began to create it before the ports were there. */
  readonly workflowWorker?: Promise<Worker>;
  /** Changes that this worker makes at the same time; a rollback has slots of its own. */
  readonly effectSlots?: number;
};

export type RunningWorker = {
  /** Resolves when all queues are left, rejects when one of them fails. */
  readonly done: Promise<void>;
  readonly state: () => readonly string[];
  shutdown(): Promise<void>;
};

/** Heartbeats carry the watch's state; the more often, the less is lost with a worker. */
const heartbeatMs = 200;
/** A watch is cheap, and one that finds no slot is an exposure that nobody watches. */
const watchSlots = 4_000;
const effectBoundMs = 60_000;
const undoBoundMs = 20_000;
/** As many as a store's pool serves at once: more would only wait for it. */
const noticeSlots = 10;

/**
 * Each queue is polled as soon as its own worker is there: the watch that a dead worker left goes on while the workflow code
 * still loads. A worker without one of its queues would take releases that it cannot undo: when one fails, all stop.
 */
async function runAll(created: readonly Promise<Worker>[]) {
  const workers: Worker[] = [];
  const stopAll = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const begun = await Promise.allSettled(
    created.map(async (creating) => {
      const worker = await creating;
      workers.push(worker);
      const run = worker.run().catch(passLateRelease).finally(stopAll);
      // Whoever awaits the whole sees it; until then it must not end the process unasked.
      run.catch(() => undefined);
      return { run };
    }),
  );
  const runs = begun.flatMap((each) => (each.status === 'fulfilled' ? [each.value.run] : []));
  const failed = begun.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    stopAll();
    await Promise.allSettled(runs);
    // The one that failed says why.
    await Promise.all(created);
  }
  return { workers, runs, stopAll };
}

/**
 * The SDK lets go of a worker whose last poll has returned but is not dropped yet on its own thread, and calls that an
 * error: everything has ended by then. Anything else is thrown.
 */
export function passLateRelease(error: unknown): void {
  if (error instanceof Error && error.name === 'IllegalStateError' && error.message.startsWith('Worker still in use'))
    return;
  throw error;
}

/** Starts one worker a queue; a rollback's queue has slots of its own, so that it never waits behind anything. */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const { ports, effectSlots = 100 } = settings;
  const activities = createActivities(ports);
  const environment = ports.environment.name;
  const queues = taskQueues(environment);
  const common = sharedOptions(settings);
  const bounded = (transientMs: number) => ({
    activity: [createFaultInterceptor({ transientMs }, ports.now), createCallerInterceptor(ports)],
  });
  const { workers, runs, stopAll } = await runAll([
    settings.workflowWorker ?? createWorkflowWorker({ ...settings, environment }),
    Worker.create({
      ...common,
      taskQueue: queues.observe,
      activities: {
        observe: activities.observe,
        watchSettings: activities.watchSettings,
        readWatch: activities.readWatch,
        watchEnding: activities.watchEnding,
        watchEndedSettings: activities.watchEndedSettings,
        readSchemas: activities.readSchemas,
        watchSchemas: activities.watchSchemas,
      },
      interceptors: bounded(effectBoundMs),
      maxConcurrentActivityTaskExecutions: watchSlots,
      maxConcurrentActivityTaskPolls: 3,
      maxHeartbeatThrottleInterval: heartbeatMs,
      defaultHeartbeatThrottleInterval: heartbeatMs,
    }),
    Worker.create({
      ...common,
      taskQueue: queues.effects,
      activities,
      interceptors: bounded(effectBoundMs),
      maxConcurrentActivityTaskExecutions: effectSlots,
      maxConcurrentActivityTaskPolls: 3,
      maxHeartbeatThrottleInterval: heartbeatMs,
      defaultHeartbeatThrottleInterval: heartbeatMs,
    }),
    Worker.create({
      ...common,
      taskQueue: queues.undo,
      activities,
      interceptors: bounded(undoBoundMs),
      maxConcurrentActivityTaskPolls: 3,
      maxHeartbeatThrottleInterval: heartbeatMs,
      defaultHeartbeatThrottleInterval: heartbeatMs,
    }),
    Worker.create({
      ...common,
      taskQueue: queues.notices,
      activities: {
        publish: activities.publish,
        recordRole: activities.recordRole,
        readLastSeq: activities.readLastSeq,
        keepRelease: activities.keepRelease,
      },
      interceptors: bounded(undoBoundMs),
      maxConcurrentActivityTaskExecutions: noticeSlots,
      maxConcurrentActivityTaskPolls: 2,
    }),
  ]);
  const done = Promise.allSettled(runs)
    .then(() => Promise.all(runs))
    .then(() => undefined);
  // A failure is seen by whoever awaits `done`; until then it must not end the process unasked.
  done.catch(() => undefined);
  return {
    done,
    state: () => workers.map((worker) => worker.getState()),
    async shutdown() {
      stopAll();
      await done;
    },
  };
}
