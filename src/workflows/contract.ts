import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { Publication } from '../core/evidence/publication';
import type { NotificationKind, Permit, SealedPlan } from '../core/plan/plan';
import { contractPublication } from '../core/release/contract-publication';
import { explainContract, newContract, withPart, type ContractState } from '../core/release/contract-state';
import { openContractInbox } from './contract-inbox';
import { causeOf, isActivityFault } from './faults';
import { connectActivities } from './retries';

export type ContractInput = { readonly sealed: SealedPlan; readonly permit: Permit; readonly requestedBy: string };

/** How soon a stuck part is tried again by itself, each time twice as long. */
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

/** Removes the old form after the rollback window, with an approval of its own; forward only once it has begun. */
export async function contract({ sealed, permit, requestedBy }: ContractInput): Promise<ContractState> {
  const { plan } = sealed;
  if (workflowInfo().parent?.workflowId !== sealed.seal.workflowId)
    throw ApplicationFailure.nonRetryable(
      `A contract is started by the release it belongs to, ${sealed.seal.workflowId}, once that is promoted. Nothing was changed.`,
      'Refused',
    );
  const activities = connectActivities(plan.environment);
  let state = newContract(
    { service: plan.service, version: plan.version, gate: plan.contractGate, effects: plan.contract, requestedBy },
    Date.now(),
  );
  const change = (next: ContractState): void => {
    state = next;
    setCurrentDetails(`**${explainContract(state).sentence}**`);
  };
  openContractInbox(() => state, change);
  change(state);
  const told: Promise<void>[] = [];
  tell('gate');

  return CancellationScope.nonCancellable(async () => {
    const isDecided = (): boolean => state.approvals.length >= state.gate.approvals || state.declined !== undefined;
    await condition(isDecided, state.gate.timeoutMs);
    // A rejection wins over approvals that came with it: there is no way back from the other answer.
    if (state.declined !== undefined || state.approvals.length < state.gate.approvals)
      change({ ...state, phase: 'Declined' });
    else await contractAll();
    tell('ended');
    await Promise.all(told);
    await condition(allHandlersFinished);
    return state;
  });

  /** Store and people learn of it, in order; nothing but the very end waits for that. */
  function tell(kind: NotificationKind): void {
    const { workflowId } = workflowInfo();
    const fact = { sealed, state, workflowId, kind, seq: told.length + 1, atMs: Date.now() };
    told.push(publish(contractPublication(fact), Promise.all(told)));
  }

  async function publish(publication: Publication, earlier: Promise<unknown>): Promise<void> {
    await earlier;
    try {
      await CancellationScope.nonCancellable(() =>
        activities.notices.publish.executeWithOptions({ summary: publication.row.sentence.slice(0, 150) }, [
          publication,
        ]),
      );
    } catch (error) {
      // The history has it all; a store that refuses must not keep a contract from its end.
      if (!isActivityFault(error)) throw error;
    }
  }

  async function contractAll(): Promise<void> {
    change({ ...state, phase: 'Contracting' });
    for (const part of sealed.contract) {
      const { key } = part.effect;
      for (let attempt = 0; !['done', 'waived'].includes(statusOf(key)); attempt += 1)
        await contractPart(key, Math.min(firstRetryMs * 2 ** attempt, longestRetryMs));
    }
    change({ ...state, phase: 'Contracted' });
  }

  function statusOf(key: string): string {
    return state.parts.find(({ effect }) => effect === key)?.status ?? 'waiting';
  }

  async function contractPart(key: string, retryAfterMs: number): Promise<void> {
    const part = sealed.contract.find(({ effect }) => effect.key === key);
    if (part === undefined) throw ApplicationFailure.nonRetryable(`the plan has no contract part ${key}`);
    change(withPart({ ...state, phase: 'Contracting' }, key, { status: 'running' }));
    try {
      const detail = await activities.effects.migrate.executeWithOptions({ summary: `contract ${key}` }, [
        { permit, sealed: part },
      ]);
      await activities.effects.verifyData.executeWithOptions({ summary: `check ${key}` }, [
        { permit, migrations: [part], invariants: plan.invariants },
      ]);
      change(withPart(state, key, { status: 'done', detail }));
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      change(
        withPart({ ...state, phase: 'ContractIncomplete' }, key, { status: 'stuck', detail: causeOf(error).message }),
      );
      tell('incomplete');
      await condition(() => statusOf(key) !== 'stuck', retryAfterMs, { summary: `try ${key} again` });
    }
  }
}
