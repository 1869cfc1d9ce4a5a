import type { Stage } from '../../core/plan/stages';
import type { Run } from '../run';

/** Schema and data are as the checks demand, before any code of the new version runs. */
export function runVerify(run: Run, stage: Extract<Stage, { kind: 'verify' }>): Promise<string> {
  const input = {
    permit: run.permit(),
    migrations: stage.effects.map((key) => run.sealedEffect(key)),
    invariants: run.sealed().plan.invariants,
  };
  return run.activities.effects.verifyData.executeWithOptions({ summary: stage.title }, [input]);
}
