import {
  bakeUnder,
  followBudget,
  judgeBudget,
  underBudget,
  type BudgetLook,
  type BudgetRule,
  type BudgetState,
} from '../../../../src/core/analysis/budget/budget';
import { excessErrors } from '../../../../src/core/analysis/budget/excess';
import type { Decision, Tally } from '../../../../src/core/analysis/types';

const tally = (baseline: readonly [number, number], canary: readonly [number, number]): Tally => ({
  baseline: { total: baseline[0], bad: baseline[1] },
  canary: { total: canary[0], bad: canary[1] },
});
const stage = { id: 'expose-10', canaryPercent: 10 };

function watch(rule: BudgetRule, looks: readonly Partial<BudgetLook>[]) {
  let state: BudgetState | undefined;
  let last: BudgetLook = { atMs: 0, stage };
  looks.forEach((look, index) => {
    last = { atMs: index * 1_000, stage, ...look };
    // As a heartbeat carries it.
    state = JSON.parse(JSON.stringify(followBudget(state, rule, last))) as BudgetState;
  });
  if (state === undefined) throw new Error('nothing was watched');
  return { state, finding: judgeBudget(state, rule, last) };
}

describe('excess errors', () => {
  it.each([
    ['none where both versions fail alike', tally([900, 9], [100, 1]), 0],
    ['those beyond the share of the baseline', tally([900, 9], [100, 11]), 10],
    ['those beyond the promise where nothing is beside it', tally([0, 0], [1_000, 11]), 10],
    ['none where the canary is better', tally([900, 90], [100, 0]), 0],
  ])('%s', (_, counts, excess) => {
    expect(excessErrors(counts, 0.001)).toBeCloseTo(excess, 6);
  });
});

describe('the hard cap', () => {
  const rule: BudgetRule = { maxExcessErrors: 5 };

  it('turns back at the error that spends it, whatever the evidence', () => {
    const before = watch(rule, [{ counts: tally([0, 0], [0, 0]) }, { counts: tally([900, 0], [100, 4]) }]);
    expect(before.finding.action).toBe('none');
    const after = watch(rule, [{ counts: tally([0, 0], [0, 0]) }, { counts: tally([900, 0], [100, 5]) }]);
    expect(after.finding).toMatchObject({ action: 'roll-back', budget: 'error-budget' });
    expect(after.finding.reason).toContain('5 errors more than the baseline');
  });

  it('counts nothing of before the first look, and all after a counter was started again', () => {
    const { state } = watch(rule, [
      { counts: tally([5_000, 50], [500, 40]) },
      { counts: tally([5_100, 50], [510, 41]) },
      { counts: tally([20, 0], [3, 1]) },
    ]);
    expect(state.whole).toEqual(tally([120, 0], [13, 2]));
  });
});

describe('the burning budget', () => {
  const rule: BudgetRule = { allowedShare: 0.001 };
  const minutes = (canaryBad: number, baselineBad: number) =>
    Array.from({ length: 12 }, (_, at) => ({
      atMs: at * 60_000,
      counts: tally([5_400 * at, baselineBad * at], [600 * at, canaryBad * at]),
    }));

  it('turns back where the canary burns it', () => {
    expect(watch(rule, minutes(600, 0)).finding).toMatchObject({ action: 'roll-back', budget: 'error-budget' });
  });

  it('halts where both versions burn alike: turning back would not help', () => {
    const { finding } = watch(rule, minutes(60, 540));
    expect(finding.action).toBe('halt');
    expect(finding.reason).toContain('the baseline fails as often');
  });
});

describe('the blast radius', () => {
  const rule: BudgetRule = { users: 6_000 };
  // 10 % of 6,000 users are 10 user-minutes a second.
  const risky = { ...stage, maxUserMinutes: 100 };

  it.each([
    [7, 'none'],
    [8, 'roll-back'],
  ])('after %d seconds says %s: two seconds are kept to get the users away', (seconds, action) => {
    const looks = Array.from({ length: seconds + 1 }, () => ({ stage: risky, observedPercent: 10 }));
    expect(watch(rule, looks).finding).toMatchObject({ action });
  });

  it('counts users as at risk while nobody can read the split, and not while none is there', () => {
    expect(watch(rule, [{}, { stage: risky }]).state.userMinutes).toBeCloseTo(10, 9);
    expect(watch(rule, [{}, { stage: risky, observedPercent: 0 }]).state.userMinutes).toBe(0);
  });

  it('begins anew with each stage', () => {
    const next = { ...risky, id: 'expose-20', canaryPercent: 20 };
    expect(watch(rule, [{}, { stage: risky }, { stage: next }]).state).toMatchObject({
      stageId: 'expose-20',
      userMinutes: 20,
    });
  });

  it('never puts more users at risk than declared, however the looks fall', () => {
    for (const elapsedMs of [50, 300, 1_000]) {
      let state: BudgetState | undefined;
      let spent = 0;
      for (let atMs = 0; ; atMs += elapsedMs) {
        const look = { atMs, stage: risky, observedPercent: 10 };
        state = followBudget(state, rule, look);
        spent = state.userMinutes;
        if (judgeBudget(state, rule, look).action === 'roll-back') break;
      }
      // 0.6 s is how long a rollback takes at most to reach the proxy.
      expect(spent + 6).toBeLessThanOrEqual(100);
      expect(spent).toBeGreaterThan(60);
    }
  });
});

describe('the decision under the budgets', () => {
  const finding = (action: 'none' | 'slow' | 'halt' | 'roll-back') =>
    ({ action, budget: 'error-budget', reason: 'spent' }) as const;
  const advance: Decision = { action: 'advance', reason: 'good' };
  const silent: Decision = { action: 'hold', why: 'baseline-silent', reason: 'silent' };

  it('goes no further while halted, and turns back when spent', () => {
    expect(underBudget(advance, finding('none'))).toBe(advance);
    expect(underBudget(advance, finding('halt'))).toMatchObject({ action: 'hold', reason: 'spent' });
    expect(underBudget(advance, finding('roll-back'))).toMatchObject({ action: 'roll-back', metric: 'error-budget' });
  });

  it('never turns back to a baseline that does not answer', () => {
    expect(underBudget(silent, finding('roll-back'))).toBe(silent);
  });

  it('bakes twice as long while the budget burns', () => {
    expect(bakeUnder(600, finding('slow'))).toBe(1_200);
    expect(bakeUnder(600, finding('none'))).toBe(600);
  });
});
