import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, WorkflowFailedError, isGrpcCancelledError, isGrpcDeadlineError } from '@temporalio/client';
import { isObjectWith } from './shape';
import type { ReleaseReport } from '../core/release/report';
import { ClientError } from './client-error';
import { toClientError } from './faults';
import { call, type Temporal } from './temporal';

export type ResultOptions = { readonly firstRunId?: string | undefined; readonly timeoutMs?: number | undefined };

/** Whoever cuts the call off by a signal names it, so that it is not asked again. */
type Cuttable = { readonly signal?: AbortSignal | undefined };

const isReport = (value: unknown): value is ReleaseReport => isObjectWith(value, ['ending', 'sentence', 'undone']);

const aYearMs = 365 * 86_400_000;
const readWaitMs = 10_000;
const pauseMs = 500;

function reportOfFailure(error: WorkflowFailedError): ReleaseReport | undefined {
  if (!(error.cause instanceof ApplicationFailure)) return undefined;
  const found = error.cause.details?.[0];
  return isReport(found) ? found : undefined;
}

/** A deadline that passes inside a long poll shows as a cancelled call. */
const isInterrupted = (error: unknown): boolean => isGrpcDeadlineError(error) || isGrpcCancelledError(error);

/** What the run returned. A server that gives up on one question is asked again: only our own deadline ends the wait. */
async function resultWithin(
  { client }: Temporal,
  workflowId: string,
  { firstRunId, timeoutMs = aYearMs, signal }: ResultOptions & Cuttable,
): Promise<unknown> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await client.withDeadline(endMs, () => client.workflow.getHandle(workflowId, firstRunId).result());
    } catch (error) {
      if (!isInterrupted(error)) throw error;
      if (signal?.aborted === true || Date.now() + pauseMs >= endMs)
        throw new ClientError('timed-out', `${workflowId} has not ended in time; it goes on.`, { cause: error });
      await sleep(pauseMs);
    }
  }
}

/** Waits for the end of a release; a rollback, an abort and a refusal are reports too. Needs no worker once it has ended. */
export async function waitForReport(
  temporal: Temporal,
  workflowId: string,
  options: ResultOptions & Cuttable = {},
): Promise<ReleaseReport> {
  try {
    const found = await resultWithin(temporal, workflowId, options);
    if (isReport(found)) return found;
    throw new ClientError('internal', `${workflowId} ended without a report.`);
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw toClientError(error, temporal.settings, { workflowId });
    const report = reportOfFailure(error);
    if (report !== undefined) return report;
    throw new ClientError(
      'terminated',
      `${workflowId} ended without a report (${error.cause?.message ?? error.message}): what it had done was not undone. Bring it back: spillway recover ${workflowId} --why "…".`,
      { cause: error },
    );
  }
}

/** The report of a release that has ended; undefined while it runs. Needs no worker. */
export async function readReport(
  temporal: Temporal,
  workflowId: string,
  { firstRunId, signal }: Omit<ResultOptions, 'timeoutMs'> & Cuttable = {},
): Promise<ReleaseReport | undefined> {
  const found = await call(temporal, { workflowId }, () => temporal.client.workflow.getHandle(workflowId).describe());
  const isOther = firstRunId !== undefined && found.raw.workflowExecutionInfo?.firstRunId !== firstRunId;
  // A short wait for the result of a running release would ask again and again without a pause.
  if (found.status.name === 'RUNNING' && !isOther) return undefined;
  return waitForReport(temporal, workflowId, { firstRunId, timeoutMs: readWaitMs, signal });
}
