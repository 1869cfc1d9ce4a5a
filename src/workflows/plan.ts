import { workflowInfo } from '@temporalio/workflow';
import type { CompileResult } from '../activities/compile';
import type { TrialsFound } from '../activities/trial';
import type { SealedPlan } from '../core/plan/plan';
import type { TrialReport } from '../core/plan/trial';
import type { StartRequest } from '../core/release/messages';
import { causeOf, isActivityFault } from './faults';
import { connectActivities, type Connected } from './retries';

export type PlanInput = {
  readonly request: StartRequest;
  readonly environment: string;
  /** Try every undo on a copy of the schema as well. */
  readonly trial?: boolean;
};

export type PlanAnswer = CompileResult & {
  /** What came of the trial; left out where none was asked for. */
  readonly found?: TrialsFound;
};

/** What the worker would run for this bundle, under its own environment and policy; changes nothing. */
export async function plan({ request, environment, trial = false }: PlanInput): Promise<PlanAnswer> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const activities = connectActivities(environment);
  const compiled = await activities.planning.compileRelease({ request, workflowId, firstRunId: firstExecutionRunId });
  if (!compiled.ok || !trial) return compiled;
  return { ...compiled, found: await tryUndos(activities, compiled.sealed) };
}

/** A database that does not answer leaves a plan that can be read all the same. */
async function tryUndos({ effects }: Connected, sealed: SealedPlan): Promise<TrialsFound> {
  try {
    return await effects.tryUndos.executeWithOptions({ summary: 'try every undo on a copy of the schema' }, [
      { sealed },
    ]);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    const why = causeOf(error).message;
    const fix = 'Bring the database back (`spillway doctor`), then try again.';
    const trials = sealed.plan.targets.databases.map((target): TrialReport => ({
      target,
      trial: { outcome: 'not-tried', why, fix },
    }));
    return { trials, refusals: [] };
  }
}
