import type { Stage } from '../../core/plan/stages';
import type { Run } from '../run';
import { whileUnpaused } from '../wait';

/** The 0 % stage: the canary answers right before any user sees it. */
export async function runCheck(run: Run, stage: Extract<Stage, { kind: 'check' }>): Promise<string> {
  await whileUnpaused(run);
  const { plan } = run.sealed();
  const expose = `expose/${plan.service}`;
  // Making the slot ready is a change of the traffic: its undo is due from here on.
  run.record({ type: 'effect-intended', effect: expose, title: 'make the canary slot ready, then expose it' });
  const input = {
    permit: run.permit(),
    deploy: run.sealedEffect(`deploy/${plan.service}`),
    expose: run.sealedEffect(expose),
    checks: plan.checks,
  };
  return run.activities.effects.checkCanary.executeWithOptions(
    { summary: `${plan.checks.length} checks at 0 %: ${stage.title}` },
    [input],
  );
}
