import type { Stage } from '../../core/plan/stages';
import type { Run } from '../run';
import { whileUnpaused } from '../wait';

/** The slots change roles; from here on the release is promoted and nothing turns it back. */
export async function runPromote(run: Run, stage: Extract<Stage, { kind: 'promote' }>): Promise<string> {
  const { plan } = run.sealed();
  await whileUnpaused(run);
  const input = { permit: run.permit(), sealed: run.sealedEffect(`expose/${plan.service}`) };
  return run.activities.effects.promoteCanary.executeWithOptions({ summary: stage.title }, [input]);
}
