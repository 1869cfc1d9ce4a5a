import { makeContinueAsNewFunc, proxyActivities, workflowInfo } from '@temporalio/workflow';

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

export type ForgedState = { readonly queue: string; readonly request: unknown; readonly state: object };

/** A workflow of somebody else that goes on as a recovery, with a state and a grant of its own making. */
export async function forgeRecovery({ queue, request, state }: ForgedState): Promise<void> {
  const grant = { firstRunId: workflowInfo().firstExecutionRunId, mac: '0'.repeat(64) };
  const goOn = makeContinueAsNewFunc({ workflowType: 'release', taskQueue: queue });
  await goOn({
    request,
    carried: { state: { ...state, grant }, seq: 0, unpublished: [], notices: [], leftOut: {} },
  });
}
