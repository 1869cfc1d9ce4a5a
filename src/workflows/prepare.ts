import { condition, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { StartRequest } from '../core/release/messages';
import { causeOf, isActivityFault } from './faults';
import { keepLate } from './keep';
import type { Parts } from './parts';

/** Compiles and seals the plan; false when the release is refused before anything happened. */
async function prepare({ run, publisher }: Parts, request: StartRequest): Promise<boolean> {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  if (run.state().sealed === undefined) {
    const compiled = await run.activities.planning.compileRelease({ request, workflowId, firstRunId });
    if (!compiled.ok) {
      run.record({ type: 'refused', refusals: compiled.refusals });
      return false;
    }
    // A run that was reset may have been given its release back meanwhile.
    if (run.isGoingBack() && run.state().sealed !== undefined) return true;
    run.record({ type: 'compiled', sealed: compiled.sealed });
    const { plan, seal } = compiled.sealed;
    upsertMemo({ planDigest: seal.planDigest, owners: plan.owners, version: plan.version });
  }
  if (run.state().snapshot === undefined && !run.isGoingBack()) {
    const found = await run.activities.effects.preflight.executeWithOptions(
      { summary: 'look at every target, take the snapshot' },
      [{ sealed: run.sealed(), requestedBy: run.state().requestedBy }],
    );
    if (!found.ok) {
      run.record({ type: 'refused', refusals: found.refusals });
      return false;
    }
    const { snapshot, rolesMac, keptMac, notKept, trials } = found;
    const late = notKept === undefined ? {} : { notKept };
    const tried = trials === undefined ? {} : { trials };
    run.record({ type: 'snapshot-taken', snapshot, rolesMac, keptMac, ...late, ...tried });
  }
  keepLate(run);
  publisher.flush();
  return true;
}

/** Nothing was changed yet: a target that cannot be looked at refuses the release instead of turning it back. */
export async function prepareOrRefuse(parts: Parts, request: StartRequest): Promise<boolean> {
  const { run } = parts;
  try {
    return await prepare(parts, request);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    // What became of a run that was reset is being asked: it is told to go back, or ends.
    if (causeOf(error).code === 'Reset') await condition(() => run.isGoingBack());
    if (run.isGoingBack()) return true;
    const fix = 'Bring the target back (`spillway doctor` shows all of them), then start again.';
    run.record({
      type: 'refused',
      refusals: [{ code: 'target-refuses', kind: 'denied', message: causeOf(error).message, fix }],
    });
    return false;
  }
}
