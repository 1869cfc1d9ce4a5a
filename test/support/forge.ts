import { proxyActivities } from '@temporalio/workflow';

export type Forgery = { readonly queue: string; readonly activity: string; readonly input: unknown };

/** A workflow of somebody else that calls Spillway's activities with whatever it likes. */
export async function forge({ queue, activity, input }: Forgery): Promise<unknown> {
  const activities = proxyActivities<{ [name: string]: (input: unknown) => Promise<unknown> }>({
    taskQueue: queue,
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
  });
  return activities[activity]?.(input);
}
