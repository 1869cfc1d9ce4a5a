import { randomUUID } from 'node:crypto';
import { taskQueues } from '../core/release/messages';
import type { plan } from '../workflows/plan';
import { admit } from './admit';
import { ClientError } from './client-error';
import { noWorker } from './faults';
import { requestOf, type StartInput } from './start';
import { call, type Temporal } from './temporal';
import { hasWorkerSoon } from './workers';

/** A sealed plan, or everything that stands against it. */
export type PlanResult = Awaited<ReturnType<typeof plan>>;

const planWaitMs = 20_000;
/** Making a copy, and all parts on it twice, waits for the server. */
const trialWaitMs = 600_000;

/** `trial`: try every undo on a copy of the schema as well. */
export type PlanQuestion = StartInput & { readonly trial?: boolean | undefined };

/** What a worker of the environment would run for this bundle; changes nothing. */
export async function askForPlan(temporal: Temporal, input: PlanQuestion): Promise<PlanResult> {
  const { environment, service, trial = false } = input;
  const waitMs = trial ? trialWaitMs : planWaitMs;
  admit(input);
  const happens = 'nobody can compile the plan under the environment’s own files';
  if (!(await hasWorkerSoon(temporal, environment))) throw noWorker(environment, happens);
  try {
    return await call(temporal, { environment, waitMs }, () =>
      temporal.client.workflow.execute<typeof plan>('plan', {
        args: [{ request: requestOf(input), environment, ...(trial ? { trial } : {}) }],
        workflowId: `plan/${environment}/${service}/${randomUUID()}`,
        taskQueue: taskQueues(environment).workflow,
        workflowExecutionTimeout: waitMs,
        staticSummary: `plan of ${service}`,
      }),
    );
  } catch (error) {
    // A worker that was just killed still counts as polling for a minute.
    if (error instanceof ClientError && error.code === 'timed-out') throw noWorker(environment, happens, error);
    throw error;
  }
}
