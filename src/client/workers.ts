import { setTimeout as sleep } from 'node:timers/promises';
import { taskQueues } from '../core/release/messages';
import { call, type Temporal } from './temporal';

type QueueRole = keyof ReturnType<typeof taskQueues>;

/** How many workers poll one queue of an environment. */
export type QueuePollers = {
  readonly role: QueueRole;
  readonly queue: string;
  readonly pollers: number;
  readonly lastSeenMs?: number;
};

// A poll lasts a minute, so a worker that has not asked for longer than this is gone.
const longestSilenceMs = 75_000;
const roles = ['workflow', 'observe', 'effects', 'undo', 'notices'] as const;
const types = { workflow: 1, activity: 2 } as const;

async function readPollers(temporal: Temporal, environment: string, role: QueueRole): Promise<QueuePollers> {
  const queue = taskQueues(environment)[role];
  const { client, settings } = temporal;
  const found = await call(temporal, { environment }, () =>
    client.workflowService.describeTaskQueue({
      namespace: settings.namespace,
      taskQueue: { name: queue },
      taskQueueType: role === 'workflow' ? types.workflow : types.activity,
    }),
  );
  const seen = (found.pollers ?? []).map(({ lastAccessTime }) => 1_000 * (lastAccessTime?.seconds?.toNumber() ?? 0));
  const live = seen.filter((atMs) => atMs > Date.now() - longestSilenceMs);
  return { role, queue, pollers: live.length, ...(seen.length === 0 ? {} : { lastSeenMs: Math.max(...seen) }) };
}

/** The same, asked again for a second: a worker that has just started is not known at once. */
export async function hasWorkerSoon(temporal: Temporal, environment: string): Promise<boolean> {
  for (const waitMs of [0, 300, 700]) {
    await sleep(waitMs);
    if (await hasWorker(temporal, environment)) return true;
  }
  return false;
}

/** Who polls the queues of an environment; a worker that was killed is counted for a minute more. */
export const listPollers = (temporal: Temporal, environment: string): Promise<readonly QueuePollers[]> =>
  Promise.all(roles.map((role) => readPollers(temporal, environment, role)));

/** Whether any worker runs the workflows of an environment. */
export async function hasWorker(temporal: Temporal, environment: string): Promise<boolean> {
  return (await readPollers(temporal, environment, 'workflow')).pollers > 0;
}
