import { defineSearchAttributeKey } from '@temporalio/common';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { openBundle } from '../core/descriptor/bundle';
import { releaseWorkflowId, taskQueues, type Bundle, type StartRequest } from '../core/release/messages';
import type { release } from '../workflows/release';
import { ClientError } from './client-error';
import { createReads } from './reads';
import { call, type Temporal } from './temporal';

export type StartInput = {
  readonly bundle: Bundle;
  readonly environment: string;
  readonly service: string;
  readonly requestedBy: string;
  /** Refuse unless the worker compiles exactly this plan (`sha256:…`). */
  readonly expectPlan?: string | undefined;
};

export type Started = { readonly workflowId: string; readonly firstRunId: string; readonly uiUrl?: string };

const attributes = {
  service: defineSearchAttributeKey('SpillwayService', 'KEYWORD'),
  environment: defineSearchAttributeKey('SpillwayEnvironment', 'KEYWORD'),
};

/** What a release is found by. */
export const placeOf = (service: string, environment: string) => [
  { key: attributes.service, value: service },
  { key: attributes.environment, value: environment },
];

/** Where the Temporal UI shows a run. */
export function uiUrlOf({ settings }: Temporal, workflowId: string, runId: string): string | undefined {
  if (settings.uiUrl === undefined) return undefined;
  return `${settings.uiUrl}/namespaces/${encodeURIComponent(settings.namespace)}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}

export function requestOf({ bundle, requestedBy, expectPlan }: StartInput): StartRequest {
  return { bundle, requestedBy, ...(expectPlan === undefined ? {} : { expectPlan }) };
}

/** What people see of a release before a worker has looked at it. */
function memoOf({ bundle, requestedBy }: StartInput): Record<string, unknown> {
  const opened = openBundle(bundle);
  if (!opened.ok) return { requestedBy };
  const { version, owners } = opened.value.descriptor;
  return { requestedBy, version, owners };
}

export async function alreadyRunning(temporal: Temporal, workflowId: string, cause: unknown): Promise<ClientError> {
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

/** Starts a release; its workflow id is the lock, so a second one of the service is refused with who holds it. */
export async function startRelease(temporal: Temporal, input: StartInput): Promise<Started> {
  const { environment, service } = input;
  const workflowId = releaseWorkflowId(environment, service);
  const memo = memoOf(input);
  const version = typeof memo['version'] === 'string' ? ` ${memo['version']}` : '';
  try {
    const handle = await call(temporal, { workflowId }, () =>
      temporal.client.workflow.start<typeof release>('release', {
        args: [{ request: requestOf(input) }],
        workflowId,
        taskQueue: taskQueues(environment).workflow,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        // What a killed worker had taken is given to another after this; a task itself takes milliseconds.
        workflowTaskTimeout: '3s',
        typedSearchAttributes: placeOf(service, environment),
        staticSummary: `${service}${version} → ${environment}`.slice(0, 200),
        memo,
      }),
    );
    const uiUrl = uiUrlOf(temporal, workflowId, handle.firstExecutionRunId);
    return { workflowId, firstRunId: handle.firstExecutionRunId, ...(uiUrl === undefined ? {} : { uiUrl }) };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyRunning(temporal, workflowId, error);
    throw error;
  }
}
