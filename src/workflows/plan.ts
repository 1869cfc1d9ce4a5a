import { workflowInfo } from '@temporalio/workflow';
import type { CompileResult } from '../activities/compile';
import type { StartRequest } from '../core/release/messages';
import { connectActivities } from './retries';

export type PlanInput = { readonly request: StartRequest; readonly environment: string };

/** What the worker would run for this bundle, under its own environment and policy; changes nothing. */
export function plan({ request, environment }: PlanInput): Promise<CompileResult> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return connectActivities(environment).planning.compileRelease({
    request,
    workflowId,
    firstRunId: firstExecutionRunId,
  });
}
