import { isGrpcServiceError, ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { PortError } from './ports/errors';
import type { RunFacts } from './ports/runs';

const answerMs = 2_000;
const cancelRequested = 3; // PENDING_ACTIVITY_STATE_CANCEL_REQUESTED of Temporal's API

const textOf = (values: { readonly [name: string]: unknown }, name: string): string | undefined => {
  const found: unknown = values[name];
  const value: unknown = Array.isArray(found) ? found[0] : found;
  return typeof value === 'string' ? value : undefined;
};

const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } | object =>
  value === undefined ? {} : { [key]: value };

function parentOf(
  found: { readonly workflowId?: string | null; readonly runId?: string | null } | null | undefined,
): Pick<RunFacts, 'parent'> {
  const { workflowId, runId } = found ?? {};
  return workflowId && runId ? { parent: { workflowId, runId } } : {};
}

/** What the server knows of one run, the latest one without `runId`; undefined when it knows none. */
export async function describeRun(client: Client, workflowId: string, runId?: string): Promise<RunFacts | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    const {
      raw,
      runId: found,
      status,
      searchAttributes,
    } = await client.withDeadline(Date.now() + answerMs, () => handle.describe());
    return {
      runId: found,
      firstRunId: raw.workflowExecutionInfo?.firstRunId ?? '',
      isRunning: status.name === 'RUNNING',
      ...optional('phase', textOf(searchAttributes, 'SpillwayPhase')),
      ...optional('stage', textOf(searchAttributes, 'SpillwayStage')),
      ...parentOf(raw.workflowExecutionInfo?.parentExecution),
      pending: (raw.pendingActivities ?? []).map(({ activityId, attempt, state }) => ({
        activityId: activityId ?? '',
        attempt: attempt ?? 0,
        isCancelRequested: Number(state) === cancelRequested,
      })),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (error instanceof ServiceError || isGrpcServiceError(error))
      throw new PortError(
        'TargetUnavailable',
        `Temporal does not say how ${workflowId} is: ${error.message}. Look at the server; it is asked again.`,
        { cause: error },
      );
    throw error;
  }
}
