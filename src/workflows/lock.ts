import { ApplicationFailure } from '@temporalio/workflow';

/** The service and environment are in the id: it is the lock, so nothing else may name them. */
export function lockOf(workflowId: string): { readonly environment: string; readonly service: string } {
  const [, environment, service] = workflowId.split('/');
  if (environment === undefined || service === undefined)
    throw ApplicationFailure.nonRetryable(
      `${workflowId} is no release id; it must be release/<environment>/<service>`,
      'Refused',
    );
  return { environment, service };
}
