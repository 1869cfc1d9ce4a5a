import { condition } from '@temporalio/workflow';
import type { Permit, SealedPlan } from '../../core/plan/plan';
import type { ContractSafety } from '../../core/release/contract-safety';
import type { ContractState } from '../../core/release/contract-state';
import { without } from '../../core/without';
import type { createContractNews } from '../contract-news';
import type { Connected } from '../retries';

export type Next = 'go' | 'continue';

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

export const decline = ({ state, change }: Contract): Next => {
  change(to(state(), { phase: 'Declined' }, {}));
  return 'go';
};

/** Until a person says something new, or the time has come. */
export async function pause({ state, mayContinue }: Contract, ms: number, summary: string): Promise<Next> {
  const { askedCount, waiver, lose } = safetyOf(state());
  const isNews = (): boolean => {
    const now = safetyOf(state());
    // On the way back that is no news.
    const isDeclined = state().declined !== undefined && now.step !== 'put-back';
    return isDeclined || now.askedCount > askedCount || now.waiver !== waiver || now.lose !== lose;
  };
  const isInTime = await condition(() => isNews() || mayContinue(), Math.max(1, ms), { summary });
  return isInTime && !isNews() ? 'continue' : 'go';
}
