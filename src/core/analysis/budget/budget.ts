import type { ExposeStage } from '../../plan/stages';
import type { Counts, Decision, Tally } from '../types';
import { isUsedUp, userMinutes } from './blast-radius';
import { judgeBurn, pushBurn, type BurnCell } from './burn';
import { excessErrors } from './excess';

/** What a release may spend, as its plan holds it. */
export type BudgetRule = {
  /** 1 − SLO; 0 to 1. */
  readonly allowedShare?: number;
  /** Excess errors of the canary over the whole release. */
  readonly maxExcessErrors?: number;
  /** People who use the service at a time. */
  readonly users?: number;
};

/** What the budgets remember between looks: plain data, about 30 short tuples. */
export type BudgetState = {
  /** Of the last look, perhaps of a watch that died since: users were at risk while nobody looked. */
  readonly atMs?: number;
  readonly last?: Tally;
  /** Since the first look. */
  readonly whole: Tally;
  readonly burn: readonly BurnCell[];
  /** The stage whose user-minutes are counted. */
  readonly stageId: string;
  readonly userMinutes: number;
};

export type BudgetLook = {
  readonly atMs: number;
  /** Counters of the proxy, which only grow; undefined when they were not read. */
  readonly counts?: Tally | undefined;
  readonly stage: Pick<ExposeStage, 'id' | 'canaryPercent' | 'maxUserMinutes'>;
  /** The share read back, 0 to 100; undefined when it was not. */
  readonly observedPercent?: number | undefined;
};

const none: Counts = { total: 0, bad: 0 };
const startBudget = (stageId: string): BudgetState => ({
  whole: { baseline: none, canary: none },
  burn: [],
  stageId,
  userMinutes: 0,
});

/** A counter that fell was started again, so all it shows is new. */
const grown = (before: number, now: number): number => (now < before ? now : now - before);
const growth = (before: Counts, now: Counts): Counts => ({
  total: grown(before.total, now.total),
  bad: grown(before.bad, now.bad),
});
const add = (a: Counts, b: Counts): Counts => ({ total: a.total + b.total, bad: a.bad + b.bad });

/** What nobody could read is taken for the wanted share: users are at risk whether they are seen or not. */
const atRisk = (rule: BudgetRule, look: BudgetLook) => ({
  users: rule.users ?? 0,
  canaryPercent: look.observedPercent ?? look.stage.canaryPercent,
});

/** The state with one more look. */
export function followBudget(before: BudgetState | undefined, rule: BudgetRule, look: BudgetLook): BudgetState {
  const state = before ?? startBudget(look.stage.id);
  const spent = state.stageId === look.stage.id ? state.userMinutes : 0;
  const sinceMs = state.atMs === undefined ? 0 : Math.max(0, look.atMs - state.atMs);
  const risked = {
    stageId: look.stage.id,
    userMinutes: spent + userMinutes(atRisk(rule, look), sinceMs),
    atMs: look.atMs,
  };
  if (look.counts === undefined) return { ...state, ...risked };
  const { last } = state;
  const baseline = last === undefined ? none : growth(last.baseline, look.counts.baseline);
  const canary = last === undefined ? none : growth(last.canary, look.counts.canary);
  return {
    ...risked,
    last: look.counts,
    whole: { baseline: add(state.whole.baseline, baseline), canary: add(state.whole.canary, canary) },
    burn: pushBurn(state.burn, look.atMs, add(baseline, canary)),
  };
}

export type BudgetFinding = {
  readonly action: 'none' | 'slow' | 'halt' | 'roll-back';
  readonly budget: 'error-budget' | 'blast-radius';
  readonly reason: string;
};

const round = (value: number): number => Number(value.toPrecision(3));

/** What the budgets ask for now, the worst first. */
export function judgeBudget(state: BudgetState, rule: BudgetRule, look: BudgetLook): BudgetFinding {
  const { maxUserMinutes, id } = look.stage;
  if (maxUserMinutes !== undefined && rule.users !== undefined) {
    if (isUsedUp(state.userMinutes, maxUserMinutes, atRisk(rule, look)))
      return {
        action: 'roll-back',
        budget: 'blast-radius',
        reason: `blast-radius: ${id} has put ${Math.ceil(state.userMinutes)} user-minutes at risk, and ${maxUserMinutes} are all it may`,
      };
  }
  const { allowedShare = 0, maxExcessErrors } = rule;
  const excess = excessErrors(state.whole, allowedShare);
  if (maxExcessErrors !== undefined && excess >= maxExcessErrors)
    return {
      action: 'roll-back',
      budget: 'error-budget',
      reason: `error-budget: the canary had ${Math.floor(excess)} errors more than the baseline would have had, and the release may spend ${maxExcessErrors}`,
    };
  return allowedShare > 0
    ? judgeRate(state, allowedShare, look.atMs)
    : { action: 'none', budget: 'error-budget', reason: '' };
}

function judgeRate(state: BudgetState, allowedShare: number, atMs: number): BudgetFinding {
  const { action, rate, longMs } = judgeBurn(state.burn, atMs, allowedShare);
  const burning = `error-budget: burns ${round(rate)} times as fast as promised over ${longMs / 3_600_000} h`;
  if (action === 'none') return { action, budget: 'error-budget', reason: '' };
  if (action !== 'reverse') return { action, budget: 'error-budget', reason: burning };
  // Where both versions fail alike, turning back would spend the budget all the same.
  return excessErrors(state.whole, allowedShare) > 0
    ? { action: 'roll-back', budget: 'error-budget', reason: burning }
    : { action: 'halt', budget: 'error-budget', reason: `${burning}, and the baseline fails as often as the canary` };
}

/** The decision under the budgets: evidence that turns back and a baseline that does not answer come first. */
export function underBudget(decision: Decision, finding: BudgetFinding): Decision {
  if (decision.action === 'roll-back' || (decision.action === 'hold' && decision.why === 'baseline-silent'))
    return decision;
  if (finding.action === 'roll-back') return { action: 'roll-back', reason: finding.reason, metric: finding.budget };
  return finding.action === 'halt' && decision.action === 'advance'
    ? { action: 'hold', why: 'evidence', reason: finding.reason }
    : decision;
}

/** The bake that is asked for: twice as long while the budget burns faster than promised. */
export const bakeUnder = (bakeMs: number, { action }: BudgetFinding): number =>
  action === 'slow' ? 2 * bakeMs : bakeMs;
