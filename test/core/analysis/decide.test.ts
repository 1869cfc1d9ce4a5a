import { decide, type DecideInput } from '../../../src/core/analysis/decide';
import type { Verdict } from '../../../src/core/analysis/types';

const verdict = (change: Partial<Verdict>): Verdict => ({
  metric: 'http-errors',
  value: 'pass',
  guardrail: true,
  reason: 'http-errors: as it was',
  ...change,
});
const passed = verdict({});
const failed = verdict({ value: 'fail', reason: 'http-errors: far too many' });
const failedAside = verdict({ metric: 'slow', value: 'fail', guardrail: false, reason: 'slow: too slow' });
const inconclusive = verdict({ value: 'inconclusive', reason: 'http-errors: too few' });
const missing = verdict({ value: 'inconclusive', missing: 'unreachable', reason: 'http-errors: no data' });
const missingAside: Verdict = { ...missing, guardrail: false };

const baked: Omit<DecideInput, 'verdicts'> = {
  bakedMs: 60_000,
  bakeMs: 60_000,
  missingForMs: 0,
  noData: { holdForMs: 120_000, then: 'roll-back' },
  takenOutForMs: 0,
  inconclusiveForMs: 0,
};
const silent = { ...baked, missingForMs: 900_000, inconclusiveForMs: 900_000, baselineSilence: 'it is down' };
const unable = { ...baked, baselineGap: 'has capacity for 60 % of the load and would get 100 %' };
const unbaked = { ...baked, bakedMs: 1_000 };
const overdue = { ...baked, missingForMs: 120_000, inconclusiveForMs: 120_000 };
const patient = { ...overdue, noData: { holdForMs: 120_000, then: 'hold' } as const };

describe('the decision of a stage', () => {
  it.each([
    ['advances when every metric passes after the bake', [passed, passed], baked, 'advance'],
    ['holds while baking', [passed], unbaked, 'baking'],
    ['rolls back on a failed guardrail before the bake is over', [passed, failed], unbaked, 'roll-back'],
    ['rolls back on a failed guardrail although another metric is missing', [missing, failed], baked, 'roll-back'],
    ['holds on missing data before its deadline', [passed, missing], baked, 'no-data'],
    ['holds on missing data while baking', [passed, missing], unbaked, 'no-data'],
    ['rolls back on missing data after its deadline', [passed, missing], overdue, 'roll-back'],
    ['goes on holding on missing data when the plan says hold', [missing], patient, 'no-data'],
    ['never rolls back for missing data of a metric that is no guardrail', [missingAside], overdue, 'no-data'],
    ['holds on too little evidence after the bake', [inconclusive], baked, 'evidence'],
    ['rolls back on too little evidence after its deadline', [inconclusive], overdue, 'roll-back'],
    ['goes on holding on too little evidence when the plan says hold', [inconclusive], patient, 'evidence'],
    ['holds on a failed metric that is no guardrail', [passed, failedAside], baked, 'evidence'],
    ['never rolls back for a failed metric that is no guardrail', [passed, failedAside], overdue, 'evidence'],
    ['never advances beside a baseline that does not answer', [passed], silent, 'baseline-silent'],
    ['never turns back to it because data is missing', [missing], silent, 'baseline-silent'],
    ['rolls back on a failed guardrail all the same', [failed], silent, 'roll-back'],
    ['never advances over a baseline without the capacity to go back to', [passed], unable, 'baseline-capacity'],
    ['tells of it before the bake is over', [passed], { ...unable, bakedMs: 0 }, 'baseline-capacity'],
    ['rolls back to it on a failed guardrail', [failed], unable, 'roll-back'],
    ['rolls back to it when data never comes', [missing], { ...unable, missingForMs: 120_000 }, 'roll-back'],
    ['holds without any verdict', [], baked, 'evidence'],
  ] as const)('%s', (_fact, verdicts, times, expected) => {
    const decision = decide({ ...times, verdicts });
    expect(decision.action === 'hold' ? decision.why : decision.action).toBe(expected);
    expect(decision.reason).not.toBe('');
  });

  it('names the failed metric and its reason', () => {
    const decision = decide({ ...unbaked, verdicts: [passed, failed] });
    expect(decision).toEqual({ action: 'roll-back', metric: 'http-errors', reason: 'http-errors: far too many' });
  });

  it('says how long it waited for data and how long it will', () => {
    const decision = decide({ ...baked, missingForMs: 30_000, verdicts: [missing] });
    expect(decision.reason).toBe('http-errors: no data; waited 30s of 2m');
  });
});
