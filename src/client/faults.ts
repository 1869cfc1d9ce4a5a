import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  NamespaceNotFoundError,
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { taskQueues } from '../core/release/messages';
import { ClientError } from './client-error';
import type { ConnectionSettings } from './connection-settings';
import { parseReleaseId } from './release-id';

/** What a call was about, so that its fault can say so. */
export type About = { readonly workflowId?: string; readonly environment?: string };

const startWorker = 'Start one: `spillway worker --environment FILE --policy FILE` (or `spillway dev` for a trial)';

/** The fault of a queue that nobody polls. */
export function noWorker(environment: string, happens: string, cause?: unknown): ClientError {
  return new ClientError(
    'no-worker',
    `No worker polls queue ${taskQueues(environment).workflow}: ${happens}. ${startWorker}.`,
    { cause },
  );
}

export const unreachable = ({ address, profile }: ConnectionSettings, cause: unknown): ClientError =>
  new ClientError(
    'unreachable',
    `Temporal does not answer at ${address} (profile ${profile}): ${messageOf(cause)}. ` +
      'Is it running (`spillway dev` starts one)? Is the address right (--address, TEMPORAL_ADDRESS or the profile)? Does it want TLS (--tls) or an API key?',
    { cause },
  );

export const missingAttributes = (names: readonly string[], namespace: string, cause?: unknown): ClientError =>
  new ClientError(
    'attributes-missing',
    `Namespace ${namespace} lacks search attributes ${names.join(', ')}. Register them: ` +
      `\`temporal operator search-attribute create --namespace ${namespace} ${names.map((name) => `--name ${name} --type Keyword`).join(' ')}\`.`,
    { cause },
  );

/** Keyword attributes that every release carries. */
export const searchAttributeNames = ['Service', 'Environment', 'Phase', 'Stage', 'Verdict'].map(
  (name) => `Spillway${name}`,
);

function messageOf(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details;
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}

const codes = {
  cancelled: 1,
  invalid: 3,
  deadline: 4,
  notFound: 5,
  denied: 7,
  precondition: 9,
  unavailable: 14,
  unauthenticated: 16,
};

/** The gRPC fault behind an error of the SDK. */
function grpcOf(error: unknown): { readonly code: number; readonly details: string } | undefined {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && error.cause !== undefined ? grpcOf(error.cause) : undefined;
}

function namespaceMissing({ address, namespace }: ConnectionSettings, cause: unknown): ClientError {
  return new ClientError(
    'namespace-missing',
    `Temporal at ${address} has no namespace ${namespace}. Name another (--namespace, TEMPORAL_NAMESPACE or the profile) or create it: \`temporal operator namespace create --namespace ${namespace}\`.`,
    { cause },
  );
}

function notRunning(workflowId: string, error: Error): ClientError {
  return /already completed/.test(error.message)
    ? new ClientError('ended', `${workflowId} has ended already; \`spillway explain ${workflowId}\` says how.`, {
        cause: error,
      })
    : new ClientError('not-found', `There is no ${workflowId}. \`spillway ls --all\` lists what there is.`, {
        cause: error,
      });
}

function grpcFault(
  { code, details }: { readonly code: number; readonly details: string },
  settings: ConnectionSettings,
  about: About,
  cause: unknown,
): ClientError {
  const { address, namespace } = settings;
  const environment = about.environment ?? parseReleaseId(about.workflowId ?? '')?.environment;
  if (code === codes.unavailable) return unreachable(settings, cause);
  if (code === codes.unauthenticated || code === codes.denied)
    return new ClientError(
      'unauthorized',
      `Temporal at ${address} does not let you into namespace ${namespace}: ${details}. Check the API key (--api-key, TEMPORAL_API_KEY), the certificate and the profile.`,
      { cause },
    );
  if (code === codes.precondition && /poller/.test(details) && environment !== undefined)
    return noWorker(environment, 'the release cannot answer', cause);
  if (code === codes.notFound && /namespace/i.test(details)) return namespaceMissing(settings, cause);
  if (code === codes.invalid && /search attribute|mapping defined|Spillway(Service|Environment)/i.test(details))
    return missingAttributes(searchAttributeNames, namespace, cause);
  if (code === codes.deadline || code === codes.cancelled)
    return new ClientError(
      'timed-out',
      `Temporal at ${address} did not answer in time (${about.workflowId ?? namespace}).`,
      { cause },
    );
  return new ClientError('internal', `Temporal at ${address} refused: ${details}.`, { cause });
}

/** A fault of Temporal in plain words; anything else is a bug and comes back as it is. */
export function toClientError(error: unknown, settings: ConnectionSettings, about: About): unknown {
  if (error instanceof ClientError) return error;
  if (error instanceof NamespaceNotFoundError) return namespaceMissing(settings, error);
  if (error instanceof WorkflowNotFoundError) {
    // The SDK takes a missing namespace for a missing workflow where the server says no more.
    if (/namespace .*not found/i.test(error.message)) return namespaceMissing(settings, error);
    return notRunning(about.workflowId ?? 'that release', error);
  }
  if (error instanceof WorkflowUpdateFailedError)
    return new ClientError('refused', error.cause?.message ?? error.message, { cause: error });
  if (error instanceof QueryNotRegisteredError)
    return new ClientError(
      'internal',
      `${about.workflowId ?? 'The workflow'} does not know this question: ${error.message}. Is it a release of Spillway?`,
      { cause: error },
    );
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error))
    return new ClientError('timed-out', `${about.workflowId ?? 'Temporal'} did not answer in time.`, { cause: error });
  const grpc = grpcOf(error);
  return grpc === undefined ? error : grpcFault(grpc, settings, about, error);
}
