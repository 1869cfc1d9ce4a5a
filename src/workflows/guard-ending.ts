import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import { isSetting, lastOfEach } from '../core/drift/drift';
import { reconcileWorkflowId } from '../core/release/messages';
import { placeOf } from './attributes';
import { keptOf } from './kept';
import type { EndingLeft, ReconcileInput } from './reconcile';
import type { Run } from './run';

/** What must read from now on as this ending left it; whoever waived an undo has taken it over. */
function leftBy(run: Run): EndingLeft | undefined {
  const { phase, journal, compensations } = run.state();
  const { plan, contract } = run.sealed();
  const { drift: rule } = plan;
  // Releases that older workers planned end as they always did.
  if (rule?.schema === undefined) return undefined;
  const isLeft = (key: string, state: string): boolean =>
    phase === 'Promoted' ? state === 'done' : compensations[key]?.status === 'verified';
  const effects = journal
    .filter(({ effect, state }) => isLeft(effect, state))
    .map(({ effect }) => run.sealedEffect(effect));
  const settings = lastOfEach(effects.filter(({ effect }) => isSetting(effect)));
  const migrations = effects.filter(({ effect }) => effect.kind === 'migrate');
  if (settings.length + migrations.length === 0) return undefined;
  // A login that contract revokes is no object of a schema.
  const later = phase === 'Promoted' ? contract.filter(({ effect }) => effect.kind === 'migrate') : [];
  // What the rollback told of already is news only once it changes.
  const thrown = Object.entries(compensations).flatMap(([key, { left }]) =>
    left === undefined || phase === 'Promoted' ? [] : [[key, left.observed] as const],
  );
  return { rule, kept: keptOf(run), settings, migrations, contract: later, thrown: Object.fromEntries(thrown) };
}

function splitLeft(run: Run): ReconcileInput['sealed'] {
  const { journal, compensations } = run.state();
  const key = `expose/${run.sealed().plan.service}`;
  if (!journal.some(({ effect }) => effect === key) || compensations[key]?.status === 'waived') return undefined;
  return run.sealedEffect(key);
}

/** Leaves somebody behind who keeps for ten minutes what the release touched: split, flags, configuration, schemas. */
export async function guardEnding(run: Run): Promise<void> {
  const { phase, snapshot } = run.state();
  if (snapshot === undefined) return;
  const { plan, seal } = run.sealed();
  const { service, environment, version, notify } = plan;
  const sealed = splitLeft(run);
  const left = leftBy(run);
  if (sealed === undefined && left === undefined) return;
  const input: ReconcileInput = {
    permit: run.permit(),
    author: run.author(),
    ...(sealed === undefined ? {} : { sealed }),
    ...(left === undefined ? {} : { left }),
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
