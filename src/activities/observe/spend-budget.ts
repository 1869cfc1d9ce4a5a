import {
  followBudget,
  judgeBudget,
  type BudgetFinding,
  type BudgetLook,
  type BudgetRule,
  type BudgetState,
} from '../../core/analysis/budget/budget';
import type { Reading } from '../../core/analysis/types';
import type { Slots } from '../../core/plan/effects';
import type { ExposeStage } from '../../core/plan/stages';
import type { ProxyReading } from './watch';

type SpendLook = {
  readonly atMs: number;
  readonly proxy: ProxyReading;
  /** The proxy's counters by role. */
  readonly counts: Reading;
  readonly stage: ExposeStage;
};

/** What the budgets say of one look; undefined where the plan bounds nothing. */
export function spendBudget(
  before: BudgetState | undefined,
  { budget: rule, roles }: { readonly budget?: BudgetRule | undefined; readonly roles: Slots },
  { proxy, counts, ...look }: SpendLook,
): { readonly state: BudgetState; readonly finding: BudgetFinding } | undefined {
  if (rule === undefined) return undefined;
  const canary = proxy.kind === 'read' ? proxy.traffic.split?.[roles.canary] : undefined;
  const seen: BudgetLook = {
    ...look,
    counts: counts.kind === 'counts' ? counts : undefined,
    observedPercent: canary === undefined ? undefined : canary.state === 'ready' ? canary.weight : 0,
  };
  const state = followBudget(before, rule, seen);
  return { state, finding: judgeBudget(state, rule, seen) };
}
