import {
  Client,
  isGrpcServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { messageNames } from './core/release/messages';
import type { Run, RunsPort, RunStatus } from './ports/run-chain';

const statuses: { readonly [name: string]: RunStatus } = {
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  TERMINATED: 'terminated',
  CONTINUED_AS_NEW: 'continued',
  TIMED_OUT: 'timed-out',
};

/** Replaying a long history takes a while; a worker that cannot take it is not waited for. */
const queryWaitMs = 10_000;
const reportWaitMs = 5_000;

// HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT of Temporal's API: of all the history only how it ended.
const closeEvent = 2;

// EVENT_TYPE_WORKFLOW_TASK_COMPLETED of Temporal's API.
const workflowTaskCompleted = 7;
/** Before its first task a run has few events, unless many signals came. */
const firstEvents = 100;

// gRPC's own numbers.
const invalidArgument = 3;
const notFound = 5;
const unimplemented = 12;

const isAnsweredWith = (code: number, error: unknown): boolean =>
  error instanceof Error && isGrpcServiceError(error.cause) && Number(error.cause.code) === code;

const unlessGone = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    // What cannot be the id of a run, as a slip of the pen at `--run`, is nobody's.
    if (error instanceof WorkflowNotFoundError || isAnsweredWith(invalidArgument, error)) return undefined;
    throw error;
  });

function noneIfGone(error: unknown): undefined {
  if (isGrpcServiceError(error) && Number(error.code) === notFound) return undefined;
  throw error;
}

function runOf({ workflowId, runId, status, startTime, raw }: WorkflowExecutionDescription): Run {
  const { firstRunId, parentExecution } = raw.workflowExecutionInfo ?? {};
  const resetRunId = raw.workflowExtendedInfo?.resetRunId;
  const parent =
    typeof parentExecution?.workflowId === 'string' && parentExecution.workflowId !== ''
      ? { workflowId: parentExecution.workflowId, runId: parentExecution.runId ?? '' }
      : undefined;
  return {
    workflowId,
    runId,
    firstRunId: firstRunId ?? runId,
    status: statuses[status.name] ?? 'running',
    startedAtMs: startTime.getTime(),
    isReset: (raw.workflowExtendedInfo?.lastResetTime ?? null) !== null,
    ...(typeof resetRunId === 'string' && resetRunId !== '' ? { resetRunId } : {}),
    ...(parent === undefined ? {} : { parent }),
  };
}

/** Runs, as Temporal answers about them. */
export function temporalRuns(connection: NativeConnection, namespace: string): RunsPort {
  const client = new Client({ connection, namespace });
  const handleOf = (workflowId: string, runId: string) => client.workflow.getHandle(workflowId, runId);

  return {
    async describe(workflowId, runId) {
      const found = await unlessGone(handleOf(workflowId, runId).describe());
      return found === undefined ? undefined : runOf(found);
    },
    async list(workflowId, limit) {
      const found: string[] = [];
      const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
      try {
        for await (const { runId } of client.workflow.list({ query, pageSize: limit })) {
          found.push(runId);
          if (found.length >= limit) break;
        }
      } catch (error) {
        // A server without an index, as Temporal's time-skipping one, shows nothing; the store is asked beside it.
        if (!isAnsweredWith(unimplemented, error)) throw error;
      }
      return found;
    },
    async next(workflowId, runId) {
      const asked = { namespace, execution: { workflowId, runId }, historyEventFilterType: closeEvent };
      const found = await client.workflowService.getWorkflowExecutionHistory(asked).catch(noneIfGone);
      const [closed] = found?.history?.events ?? [];
      return closed?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
    },
    async hasBegun(workflowId, runId) {
      const asked = { namespace, execution: { workflowId, runId }, maximumPageSize: firstEvents };
      const found = await client.workflowService.getWorkflowExecutionHistory(asked).catch(noneIfGone);
      if (found === undefined) return true;
      const events = found.history?.events ?? [];
      return (
        found.nextPageToken.length > 0 || events.some(({ eventType }) => Number(eventType) === workflowTaskCompleted)
      );
    },
    async report(workflowId, runId): Promise<unknown> {
      const handle = client.workflow.getHandle<() => Promise<unknown>>(workflowId, runId, { followRuns: false });
      try {
        return await unlessGone(client.withDeadline(Date.now() + reportWaitMs, () => handle.result()));
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        return error.cause instanceof ApplicationFailure ? error.cause.details?.[0] : undefined;
      }
    },
    state: (workflowId, runId) =>
      client
        .withDeadline(Date.now() + queryWaitMs, () => handleOf(workflowId, runId).query<unknown>(messageNames.state))
        // Gone, or written by a version that this one cannot replay: the store is asked instead.
        .catch(() => undefined),
    terminate: async (workflowId, runId, why) => {
      await unlessGone(handleOf(workflowId, runId).terminate(why));
    },
  };
}
