import { ApplicationFailure } from '@temporalio/workflow';
import type { Stage } from '../../core/plan/stages';
import { describeAll } from '../../core/release/reconciliation';
import type { Run } from '../run';
import { assertForward } from '../wait';

/** Schema and data are as the checks demand, before any code of the new version runs. */
export async function runVerify(run: Run, stage: Extract<Stage, { kind: 'verify' }>): Promise<string> {
  const input = {
    permit: run.permit(),
    migrations: stage.effects.map((key) => run.sealedEffect(key)),
    invariants: run.sealed().plan.invariants,
  };
  const options = { summary: stage.title };
  const checked = await run.activities.effects.verifyData.executeWithOptions(options, [input]);
  const rules = run.sealed().plan.reconcile ?? [];
  if (rules.length === 0) return checked;
  assertForward(run);
  const found = await run.activities.effects.reconcileData.executeWithOptions(options, [
    { permit: input.permit, rules },
  ]);
  run.record({ type: 'reconciled', stageId: stage.id, found });
  const told = describeAll(found);
  if (found.some(({ differing }) => differing > 0))
    throw ApplicationFailure.nonRetryable(`Old and new form of the data do not agree: ${told}.`, 'CheckFailed');
  return `${checked}; ${told}`;
}
