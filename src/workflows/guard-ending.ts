import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import { reconcileWorkflowId } from '../core/release/messages';
import { placeOf } from './attributes';
import type { ReconcileInput } from './reconcile';
import type { Run } from './run';

/** Leaves somebody behind who keeps the split for ten minutes, where the release touched it. */
export async function guardEnding(run: Run): Promise<void> {
  const { phase, journal, compensations, snapshot } = run.state();
  if (snapshot === undefined) return;
  const { plan, seal } = run.sealed();
  const { service, environment, version, notify } = plan;
  const key = `expose/${service}`;
  // Whoever waived the undo of the traffic has taken it over.
  if (!journal.some(({ effect }) => effect === key) || compensations[key]?.status === 'waived') return;
  const input: ReconcileInput = {
    permit: run.permit(),
    author: run.author(),
    sealed: run.sealedEffect(key),
    plan: { service, environment, version, notify },
    isPromoted: phase === 'Promoted',
    endedBy: workflowInfo().firstExecutionRunId,
  };
  try {
    await startChild('reconcile', {
      args: [input],
      workflowId: reconcileWorkflowId(environment, service, seal.firstRunId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowTaskTimeout: '3s',
      staticSummary: `ten minutes after ${service} ${version}`,
      typedSearchAttributes: placeOf(service, environment),
    });
  } catch (error) {
    // One that runs already keeps the same split.
    if (!(error instanceof TemporalFailure)) throw error;
  }
}
