import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { releaseWorkflowId, taskQueues } from '../core/release/messages';
import type { release } from '../workflows/release';
import { ClientError } from './client-error';
import { createReads } from './reads';
import { call, type Temporal } from './temporal';

export type Started = { readonly workflowId: string; readonly firstRunId: string; readonly uiUrl?: string };

type ReleaseRun = {
  readonly environment: string;
  readonly service: string;
  readonly request: Parameters<typeof release>[0]['request'];
  readonly summary: string;
  readonly memo: Record<string, unknown>;
};

const attributes = {
  service: defineSearchAttributeKey('SpillwayService', 'KEYWORD'),
  environment: defineSearchAttributeKey('SpillwayEnvironment', 'KEYWORD'),
};

/** Where the Temporal UI shows a run. */
export function uiUrlOf({ settings }: Temporal, workflowId: string, runId: string): string | undefined {
  if (settings.uiUrl === undefined) return undefined;
  return `${settings.uiUrl}/namespaces/${encodeURIComponent(settings.namespace)}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}

async function alreadyRunning(temporal: Temporal, workflowId: string, cause: unknown): Promise<ClientError> {
  const found = await call(temporal, { workflowId }, () => temporal.client.workflow.getHandle(workflowId).describe());
  const where = await createReads(temporal)
    .sentence(workflowId)
    .catch((error: unknown) => {
      if (error instanceof ClientError) return error.message;
      throw error;
    });
  const memo = found.memo ?? {};
  const text = (name: string): string => (typeof memo[name] === 'string' ? memo[name] : 'unknown');
  return new ClientError(
    'already-running',
    `${workflowId} is running already: version ${text('version')}, started by ${text('requestedBy')} at ${found.startTime.toISOString()}. ${where} ` +
      `Watch it (spillway watch ${workflowId}) or abort it (spillway abort ${workflowId}), then start again.`,
    { cause },
  );
}

/** Starts a run of a release; its workflow id is the lock, so a second one of the service is refused with who holds it. */
export async function startRun(temporal: Temporal, run: ReleaseRun): Promise<Started> {
  const { environment, service, request, summary, memo } = run;
  const workflowId = releaseWorkflowId(environment, service);
  try {
    const { firstExecutionRunId: firstRunId } = await call(temporal, { workflowId }, () =>
      temporal.client.workflow.start<typeof release>('release', {
        args: [{ request }],
        workflowId,
        taskQueue: taskQueues(environment).workflow,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        // What a killed worker had taken is given to another after this; a task itself takes milliseconds.
        workflowTaskTimeout: '3s',
        typedSearchAttributes: [
          { key: attributes.service, value: service },
          { key: attributes.environment, value: environment },
        ],
        staticSummary: summary.slice(0, 200),
        memo,
      }),
    );
    const uiUrl = uiUrlOf(temporal, workflowId, firstRunId);
    return { workflowId, firstRunId, ...(uiUrl === undefined ? {} : { uiUrl }) };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyRunning(temporal, workflowId, error);
    throw error;
  }
}
