import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { Permit } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import type { RunFacts } from '../ports/runs';
import type { Ports } from './ports';

/** An answer that took longer may be old: this process may have stood still before it read it. */
const freshMs = 250;
const mostQuestions = 8;

type Attempt = { readonly activityId: string; readonly attempt: number; readonly isLocal: boolean };

const forward = ['Releasing'];
/** Phases of a release that leads its users back. */
export const backward = ['RollingBack', 'RollbackIncomplete'];

/** Why an attempt may not change the traffic any more; undefined while it may. */
export function whyUnwanted(
  run: RunFacts | undefined,
  firstRunId: string,
  attempt: Attempt,
  phases: readonly string[] = forward,
): string | undefined {
  if (run === undefined || !run.isRunning) return 'the release has ended';
  if (run.firstRunId !== firstRunId) return 'it belongs to another release';
  if (run.phase === undefined || !phases.includes(run.phase)) return `the release is ${run.phase ?? 'not releasing'}`;
  // A local activity is no pending one: it is a part of its workflow task.
  if (attempt.isLocal) return undefined;
  const found = run.pending.find(({ activityId }) => activityId === attempt.activityId);
  if (found === undefined) return 'nobody waits for it any more';
  if (found.attempt !== attempt.attempt) return `attempt ${found.attempt} took its place`;
  return undefined;
}

/**
 * Asks the server whether this very attempt is still wanted: a worker that stood still for minutes does not know.
 * For what exposes somebody or makes a slot ready, and for the steps of a drain, right before the write; an undo that is
 * made at once never asks.
 * @throws PortError Conflict when it is not; TargetUnavailable while the server does not answer.
 */
export async function assertStillWanted(ports: Ports, { seal }: Permit, phases = forward): Promise<void> {
  const { workflowExecution, activityId, attempt, isLocal } = Context.current().info;
  for (let question = 1; question <= mostQuestions; question += 1) {
    const askedAtMs = performance.now();
    const run = await ports.describeRun(seal.workflowId, workflowExecution?.runId);
    if (performance.now() - askedAtMs > freshMs) continue;
    if (run?.pending.some((each) => each.activityId === activityId && each.isCancelRequested) === true)
      throw new CancelledFailure('it was told to end before it changed anything');
    const why = whyUnwanted(run, seal.firstRunId, { activityId, attempt, isLocal }, phases);
    if (why === undefined) return;
    throw new PortError('Conflict', `This attempt of ${seal.workflowId} came too late: ${why}. Nothing was changed.`);
  }
  throw new PortError(
    'TargetUnavailable',
    `Temporal takes longer than ${freshMs} ms to say whether ${seal.workflowId} still wants this change; it is tried again.`,
  );
}
