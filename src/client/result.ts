import { ApplicationFailure, WorkflowFailedError, isGrpcCancelledError, isGrpcDeadlineError } from '@temporalio/client';
import { isObjectWith } from './shape';
import type { ReleaseReport } from '../core/release/report';
import { ClientError } from './client-error';
import { toClientError } from './faults';
import { call, type Temporal } from './temporal';

export type ResultOptions = { readonly firstRunId?: string | undefined; readonly timeoutMs?: number | undefined };

const isReport = (value: unknown): value is ReleaseReport => isObjectWith(value, ['ending', 'sentence', 'undone']);

const aYearMs = 365 * 86_400_000;
const readWaitMs = 10_000;

function reportOfFailure(error: WorkflowFailedError): ReleaseReport | undefined {
  if (!(error.cause instanceof ApplicationFailure)) return undefined;
  const found = error.cause.details?.[0];
  return isReport(found) ? found : undefined;
}

/** Waits for the end of a release; a rollback, an abort and a refusal are reports too. Needs no worker once it has ended. */
export async function waitForReport(
  temporal: Temporal,
  workflowId: string,
  { firstRunId, timeoutMs = aYearMs }: ResultOptions = {},
): Promise<ReleaseReport> {
  try {
    const found: unknown = await temporal.client.withDeadline(Date.now() + timeoutMs, () =>
      temporal.client.workflow.getHandle(workflowId, firstRunId).result(),
    );
    if (isReport(found)) return found;
    throw new ClientError('internal', `${workflowId} ended without a report.`);
  } catch (error) {
    // A deadline that passes inside a long poll shows as a cancelled call.
    if (isGrpcDeadlineError(error) || isGrpcCancelledError(error))
      throw new ClientError('timed-out', `${workflowId} has not ended in time; it goes on.`, { cause: error });
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
  firstRunId?: string,
): Promise<ReleaseReport | undefined> {
  const found = await call(temporal, { workflowId }, () => temporal.client.workflow.getHandle(workflowId).describe());
  const isOther = firstRunId !== undefined && found.raw.workflowExecutionInfo?.firstRunId !== firstRunId;
  // A short wait for the result of a running release would ask again and again without a pause.
  if (found.status.name === 'RUNNING' && !isOther) return undefined;
  return waitForReport(temporal, workflowId, { firstRunId, timeoutMs: readWaitMs });
}
