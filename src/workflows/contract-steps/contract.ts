import { condition, patched } from '@temporalio/workflow';
import type { Permit, SealedPlan } from '../../core/plan/plan';
import type { ContractSafety } from '../../core/release/contract-safety';
import type { ContractState } from '../../core/release/contract-state';
import { without } from '../../core/without';
import type { createContractNews } from '../contract-news';
import type { Connected } from '../retries';

export type Next = 'go' | 'continue';

/** What people said so far that calls for another attempt. */
type Said = Pick<ContractSafety, 'askedCount' | 'waiver' | 'lose'>;

/** One contract under way, and what its steps act by. */
export type Contract = {
  readonly sealed: SealedPlan;
  readonly permit: Permit;
  readonly activities: Connected;
  readonly news: ReturnType<typeof createContractNews>;
  readonly state: () => ContractState;
  readonly change: (next: ContractState) => void;
  /** Whether the history should begin anew, here and now. */
  readonly mayContinue: () => boolean;
  /** As of the beginning of the step that is under way. */
  readonly said: Said;
};

export function safetyOf({ safety }: ContractState): ContractSafety {
  if (safety === undefined) throw new Error('this contract has no steps');
  return safety;
}

/** The state with what is given, and nothing said of why it waits unless it is said now. */
export function to(
  state: ContractState,
  change: Partial<ContractState>,
  safety: Partial<ContractSafety>,
): ContractState {
  const kept = without(without(safetyOf(state), 'why'), 'nextLookMs');
  return { ...state, ...change, safety: { ...kept, ...safety } };
}

/** Whether somebody wants the old form back. */
export const isUnwanted = ({ state }: Contract): boolean => state().declined !== undefined;

export const decline = ({ state, change }: Contract): Next => {
  change(to(state(), { phase: 'Declined' }, {}));
  return 'go';
};

const hasSaidMore = (before: Said, now: Said): boolean =>
  now.askedCount > before.askedCount || now.waiver !== before.waiver || now.lose !== before.lose;

/** Until a person says something new, or the time has come. */
async function pause(contract: Contract, ms: number, summary: string): Promise<Next> {
  const { state, mayContinue } = contract;
  const before = safetyOf(state());
  const isNews = (): boolean => {
    const now = safetyOf(state());
    // On the way back that is no news.
    const isDeclined = isUnwanted(contract) && now.step !== 'put-back';
    return isDeclined || hasSaidMore(before, now);
  };
  const isInTime = await condition(() => isNews() || mayContinue(), Math.max(1, ms), { summary });
  return isInTime && !isNews() ? 'continue' : 'go';
}

type Hold = {
  /** As before when it is left out. */
  readonly phase?: ContractState['phase'];
  readonly why: string;
  readonly againInMs: number;
  /** What people are told when it begins. */
  readonly tell: 'held' | 'incomplete';
  readonly summary: string;
  readonly atRisk?: ContractSafety['atRisk'];
  /** Whether people are told although it waits already. */
  readonly isNews?: boolean;
};

/** Says why it does not go on, tells people once, and waits for them or for the next look. */
export function hold(contract: Contract, held: Hold): Promise<Next> {
  const { state, change, news } = contract;
  const { phase, why, againInMs, tell, summary, atRisk } = held;
  const isNews = held.isNews === true || safetyOf(state()).why === undefined;
  const safety = { why, nextLookMs: Date.now() + againInMs, ...(atRisk === undefined ? {} : { atRisk }) };
  change(to(state(), phase === undefined ? {} : { phase }, safety));
  if (isNews) news.tell(tell, state());
  // What was said while an attempt was under way is about the next one.
  if (hasSaidMore(contract.said, safetyOf(state())) && patched('said-meanwhile')) return Promise.resolve('go');
  return pause(contract, againInMs, summary);
}
