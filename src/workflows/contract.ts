import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Permit, SealedPlan } from '../core/plan/plan';
import { isContractOver, newContract, partOf, withPart, type ContractState } from '../core/release/contract-state';
import { explainContract } from '../core/release/explain-contract';
import { attributes } from './attributes';
import { awaitDecision } from './contract-steps/await-decision';
import { openContractInbox } from './contract-inbox';
import { createContractNews, noNews, type CarriedNews } from './contract-news';
import { causeOf, isActivityFault } from './faults';
import { isHistoryLong, untilDoneOrLong } from './history-length';
import { connectActivities } from './retries';
import { runSafeContract } from './safe-contract';
import { createShow } from './show';

export type ContractInput = {
  readonly sealed: SealedPlan;
  readonly permit: Permit;
  readonly requestedBy: string;
  readonly carried?: CarriedNews & { readonly state: ContractState };
};

/** How soon a stuck part is tried again by itself, each time twice as long. */
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

/** Only the release it belongs to starts a contract, and only a run that goes on from it brings a state. */
function assertOwn({ sealed, carried }: ContractInput): void {
  const { parent, continuedFromExecutionRunId } = workflowInfo();
  const isCarried = carried === undefined || continuedFromExecutionRunId !== undefined;
  if (parent?.workflowId === sealed.seal.workflowId && isCarried) return;
  throw ApplicationFailure.nonRetryable(
    `A contract is started by the release it belongs to, ${sealed.seal.workflowId}, once that is promoted. Nothing was changed.`,
    'Refused',
  );
}

/** Whether the history should begin anew. One that was long under a version that knew no new runs goes on as it was recorded. */
const mayContinue = (): boolean => isHistoryLong() && allHandlersFinished() && patched('contract-continues');

/** Removes the old form after the rollback window, with an approval of its own; forward only once it has begun. */
export async function contract(input: ContractInput): Promise<ContractState> {
  assertOwn(input);
  const { sealed, permit, requestedBy, carried } = input;
  const { plan } = sealed;
  const activities = connectActivities(plan.environment);
  const { service, version, contractGate: gate, contract: effects } = plan;
  // A contract that an older worker began goes on as it was recorded.
  const hasRules = effects.every((effect) => 'rule' in effect && effect.rule !== undefined);
  const isSafe = carried === undefined ? hasRules && patched('contract-safety') : carried.state.safety !== undefined;
  let state = carried?.state ?? newContract({ service, version, gate, effects, requestedBy, isSafe }, Date.now());
  const show = createShow(() => state, explainContract);
  let shownPhase: string | undefined;
  const change = (next: ContractState): void => {
    state = next;
    show();
    if (state.phase !== shownPhase && patched('contract-phase')) {
      shownPhase = state.phase;
      upsertSearchAttributes([{ key: attributes.phase, value: state.phase }]);
    }
    setCurrentDetails(`**${explainContract(state).sentence}**`);
  };
  openContractInbox(() => state, change);
  change(state);
  const news = createContractNews(sealed, activities, carried ?? noNews);
  if (carried === undefined && !isSafe) news.tell('gate', state);

  return CancellationScope.nonCancellable(async () => {
    if (!isContractOver(state)) {
      if ((await toTheEnd()) === 'continue') return goOn();
      news.tell('ended', state);
    }
    if ((await untilDoneOrLong(news.drain(), mayContinue)) === 'continue') return goOn();
    await condition(allHandlersFinished);
    return state;
  });

  function goOn(): Promise<never> {
    return continueAsNew<typeof contract>({ sealed, permit, requestedBy, carried: { state, ...news.carry() } });
  }

  function toTheEnd(): Promise<'over' | 'continue'> {
    if (!isSafe) return decideAndContract();
    return runSafeContract({ sealed, permit, activities, news, state: () => state, change, mayContinue });
  }

  async function decideAndContract(): Promise<'over' | 'continue'> {
    if (state.phase === 'WaitingForApproval') {
      const decision = await awaitDecision({ state: () => state, change, mayContinue, news });
      if (decision === 'continue') return 'continue';
      // A rejection wins over approvals that came with it: there is no way back from the other answer.
      const isDeclined = decision === 'expired' || state.declined !== undefined;
      change({ ...state, phase: isDeclined ? 'Declined' : 'Contracting' });
      if (isDeclined) return 'over';
    }
    for (const { effect } of sealed.contract)
      if ((await contractUntilSettled(effect.key)) === 'continue') return 'continue';
    change({ ...state, phase: 'Contracted' });
    return 'over';
  }

  function statusOf(key: string): string {
    return partOf(state, key).status;
  }

  async function contractUntilSettled(key: string): Promise<'settled' | 'continue'> {
    // What an earlier run left stuck waits for the rest of its time first.
    let next = statusOf(key) === 'stuck' ? await untilRetried(key) : 'try';
    while (!['done', 'waived'].includes(statusOf(key))) {
      if (next === 'continue') return 'continue';
      next = await contractPart(key);
    }
    return 'settled';
  }

  /** Until a person decides or its time has come, whichever is first. */
  async function untilRetried(key: string): Promise<'try' | 'continue'> {
    const leftMs = Math.max(1, (partOf(state, key).retryAtMs ?? 0) - Date.now());
    const isStuck = (): boolean => statusOf(key) === 'stuck';
    const isInTime = await condition(() => !isStuck() || mayContinue(), leftMs, { summary: `try ${key} again` });
    return isInTime && isStuck() ? 'continue' : 'try';
  }

  async function contractPart(key: string): Promise<'try' | 'continue'> {
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
      return 'try';
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      const stuckCount = partOf(state, key).stuckCount ?? 0;
      const retryAtMs = Date.now() + Math.min(firstRetryMs * 2 ** stuckCount, longestRetryMs);
      const stuck = { status: 'stuck', detail: causeOf(error).message, stuckCount: stuckCount + 1, retryAtMs } as const;
      change(withPart({ ...state, phase: 'ContractIncomplete' }, key, stuck));
      news.tell('incomplete', state);
      return untilRetried(key);
    }
  }
}
