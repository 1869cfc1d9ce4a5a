import * as fc from 'fast-check';
import { absorb, beginStage, startEngine } from '../../../src/core/analysis/engine';
import { judge, type JudgedStage } from '../../../src/core/analysis/judge';
import type { Counts, EngineState, Reading, Verdict } from '../../../src/core/analysis/types';
import type { Limit } from '../../../src/core/descriptor/limit';
import type { MetricRule } from '../../../src/core/plan/plan';

type Arms = readonly [baselineTotal: number, baselineBad: number, canaryTotal: number, canaryBad: number];

const margin: Limit = { kind: 'margin', share: 0.005 };
const rule = (limit: Limit): MetricRule => ({ name: 'http-errors', kind: 'proxy-errors', guardrail: true, limit });
const lag = { name: 'lag', kind: 'value', target: 'prom', query: 'lag', guardrail: false } as const;
const quarter: JudgedStage = { minRequests: 200, isFull: false, canaryPercent: 25 };
const holdback: JudgedStage = { minRequests: 200, isFull: true, canaryPercent: 99 };
const withoutHoldback: JudgedStage = { minRequests: 200, isFull: true, canaryPercent: 100 };

const counts = (baseline: Counts, canary: Counts): Reading => ({ kind: 'counts', baseline, canary });
const read = (state: EngineState, atMs: number, reading: Reading): EngineState =>
  absorb(state, { atMs, readings: { 'http-errors': reading } });

/** Adds increments to what was counted so far, at that moment. */
function grow(state: EngineState, atMs: number, [bt, bb, ct, cb]: Arms): EngineState {
  const none = { baseline: { total: 0, bad: 0 }, canary: { total: 0, bad: 0 } };
  const { baseline, canary } = state.metrics['http-errors']?.last ?? none;
  const grown = counts(
    { total: baseline.total + bt, bad: baseline.bad + bb },
    { total: canary.total + ct, bad: canary.bad + cb },
  );
  return read(state, atMs, grown);
}
const started = grow(startEngine(), 0, [0, 0, 0, 0]);
const judgeOne = (state: EngineState, stage = quarter, limit: Limit = margin): Verdict => {
  const [verdict] = judge(state, [rule(limit)], stage);
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
};

describe('a verdict on a share', () => {
  it.each<[string, Arms, Limit, Verdict['value']]>([
    ['passes within the limit', [900, 2, 300, 1], margin, 'pass'],
    ['passes without any bad answer', [900, 0, 300, 0], margin, 'pass'],
    ['waits for requests of the canary', [900, 0, 199, 0], margin, 'inconclusive'],
    ['waits for requests of the baseline', [199, 0, 300, 0], margin, 'inconclusive'],
    ['asks no baseline of an absolute limit', [0, 0, 300, 1], { kind: 'absolute', share: 0.01 }, 'pass'],
    ['is inconclusive a little above the limit', [900, 0, 300, 2], margin, 'inconclusive'],
    ['fails far above the limit', [900, 2, 300, 60], margin, 'fail'],
    [
      'fails far above an absolute limit though the baseline is as bad',
      [900, 180, 300, 60],
      { kind: 'absolute', share: 0.01 },
      'fail',
    ],
    ['fires nothing when both arms are bad', [900, 180, 300, 70], margin, 'inconclusive'],
    ['is inconclusive without canary traffic', [900, 0, 0, 0], margin, 'inconclusive'],
    ['fails a dead canary', [900, 0, 300, 300], margin, 'fail'],
    ['fails bad answers of requests not yet counted', [900, 0, 0, 30], margin, 'fail'],
    ['passes a factor within the limit', [9000, 90, 3000, 35], { kind: 'factor', factor: 1.2 }, 'pass'],
    ['lets a factor of nothing be a tenth of a percent', [9000, 0, 3000, 3], { kind: 'factor', factor: 1.2 }, 'pass'],
    ['fails a factor far above', [9000, 9, 3000, 300], { kind: 'factor', factor: 2 }, 'fail'],
    ['needs three bad answers', [90_000, 0, 5, 2], margin, 'inconclusive'],
  ])('%s', (_fact, arms, limit, expected) => {
    expect(judgeOne(grow(started, 100, arms), quarter, limit).value).toBe(expected);
  });

  it('says its numbers', () => {
    const holding = judgeOne(grow(started, 100, [1236, 2, 100, 0]));
    expect(holding.reason).toBe(
      'http-errors: canary 0 % of 100 requests, baseline 0.162 % of 1236 requests, limit 0.662 %; ' +
        'the canary had 100 of 200 requests needed',
    );
    const failing = judgeOne(grow(grow(started, 100, [60_000, 0, 20_000, 0]), 9_000, [75, 0, 25, 12]));
    expect(failing.reason).toMatch(
      /^http-errors: canary 48 % of 25 requests in the last 0\.5 s, baseline 0 % of 75 requests, limit 0\.51\d? %$/,
    );
  });

  it('finds a short outage after a long clean bake, and a small one over the stage', () => {
    const long = grow(started, 100, [600_000, 0, 200_000, 0]);
    expect(judgeOne(grow(long, 60_000, [75, 0, 25, 7])).value).toBe('fail');
    let slow = started;
    for (let minute = 1; minute <= 10; minute += 1) slow = grow(slow, minute * 60_000, [3_000, 3, 1_000, 15]);
    expect(judgeOne(slow).value).toBe('fail');
  });

  it('does not take a shift of traffic for a difference of the arms', () => {
    let state = started;
    for (let i = 1; i <= 20; i += 1) state = grow(state, i * 100, [150, 0, 50, 0]);
    for (let i = 21; i <= 25; i += 1) state = grow(state, i * 100, [2, 0, 198, 20]);
    expect(judgeOne(state, quarter).value).not.toBe('fail');
    expect(judgeOne(state, holdback).value).not.toBe('fail');
  });
});

describe('full exposure', () => {
  const earlier = beginStage(grow(started, 100, [30_000, 30, 10_000, 10]));

  it('passes beside a holdback too small for the minimum', () => {
    expect(judgeOne(grow(earlier, 60_000, [20, 0, 1_980, 2]), holdback).value).toBe('pass');
  });

  it('compares with the frozen rates without a holdback', () => {
    const passing = judgeOne(grow(earlier, 60_000, [0, 0, 2_000, 3]), withoutHoldback);
    expect(passing).toMatchObject({ value: 'pass', baseline: 0.001 });
    expect(judgeOne(grow(earlier, 60_000, [0, 0, 200, 40]), withoutHoldback).value).toBe('fail');
  });

  it('is inconclusive with nothing to compare with', () => {
    expect(judgeOne(grow(started, 60_000, [0, 0, 2_000, 0]), withoutHoldback).value).toBe('inconclusive');
  });

  it('fires nothing when the holdback is as bad', () => {
    expect(judgeOne(grow(earlier, 60_000, [10, 5, 990, 495]), holdback).value).toBe('inconclusive');
    expect(judgeOne(grow(earlier, 60_000, [10, 0, 990, 495]), holdback).value).toBe('fail');
  });
});

describe('missing data', () => {
  it.each<[string, EngineState, string]>([
    ['nothing was read', startEngine(), 'empty'],
    [
      'the source is gone',
      read(grow(started, 100, [900, 0, 300, 0]), 200, { kind: 'missing', reason: 'unreachable', detail: 'refused' }),
      'unreachable',
    ],
    ['readings stopped', { ...grow(started, 100, [900, 0, 300, 0]), lastAtMs: 5_200 }, 'stale'],
  ])('is inconclusive when %s', (_fact, state, missing) => {
    expect(judgeOne(state)).toMatchObject({ value: 'inconclusive', missing });
  });
});

describe('a verdict on a value', () => {
  const judgeValues = (bounds: { max?: number; min?: number }, values: readonly number[]): Verdict | undefined =>
    judge(
      values.reduce<EngineState>(
        (state, canary, i) => absorb(state, { atMs: i * 5_000, readings: { lag: { kind: 'value', canary } } }),
        startEngine(),
      ),
      [{ ...lag, ...bounds }],
      quarter,
    )[0];

  it.each([
    ['passes at its limit', [9, 5], 'pass'],
    ['waits after one high reading', [1, 9], 'inconclusive'],
    ['fails after three high readings in a row', [1, 9, 9, 9], 'fail'],
    ['recovers', [9, 9, 9, 1], 'pass'],
  ] as const)('%s', (_fact, values, expected) => {
    expect(judgeValues({ max: 5 }, values)).toMatchObject({ value: expected, query: 'lag', limit: 5 });
  });

  it.each([
    ['passes at its least', [1, 3], 'pass'],
    ['waits after one low reading', [9, 1], 'inconclusive'],
    ['fails after three low readings in a row', [9, 1, 1, 1], 'fail'],
    ['fails after three readings out of its bounds', [1, 9, 1], 'fail'],
  ] as const)('%s', (_fact, values, expected) => {
    const bounds = values.some((each) => each > 8 && expected === 'fail') ? { min: 3, max: 8 } : { min: 3 };
    expect(judgeValues(bounds, values)).toMatchObject({ value: expected, limit: 3 });
  });
});

describe('properties of verdicts', () => {
  const increments = fc.array(fc.tuple(fc.nat(400), fc.nat(20), fc.nat(150), fc.nat(20)), {
    minLength: 1,
    maxLength: 30,
  });
  const limits = fc.constantFrom<Limit>(margin, { kind: 'absolute', share: 0.01 }, { kind: 'factor', factor: 1.5 });
  const stages = fc.constantFrom(quarter, holdback, withoutHoldback);
  const play = (all: readonly Arms[]): EngineState =>
    all.reduce<EngineState>((state, arms, i) => grow(state, 50 + i * 150, arms), started);

  it('never turns a fail into a pass by more bad answers of the canary', () => {
    const property = fc.property(increments, limits, stages, fc.nat(50), (all, limit, stage, more) => {
      const [bt, bb, ct, cb] = all.at(-1) ?? [0, 0, 0, 0];
      const before = judgeOne(play(all), stage, limit).value;
      const after = judgeOne(play([...all.slice(0, -1), [bt, bb, ct, cb + more]]), stage, limit).value;
      expect(before === 'fail' && after === 'pass').toBe(false);
    });
    fc.assert(property, { seed: 5, numRuns: 500 });
  });

  it('never passes without a good reading of both arms', () => {
    const missing: fc.Arbitrary<Reading> = fc.constantFrom(
      { kind: 'missing', reason: 'empty', detail: 'no series' },
      counts({ total: 9_000, bad: 0 }, { total: 0, bad: 0 }),
      counts({ total: NaN, bad: 0 }, { total: 5, bad: 0 }),
    );
    const property = fc.property(fc.array(missing, { maxLength: 20 }), limits, stages, (readings, limit, stage) => {
      const state = readings.reduce<EngineState>((before, one, i) => read(before, i * 100, one), startEngine());
      expect(judgeOne(state, { ...stage, minRequests: 0 }, limit).value).toBe('inconclusive');
    });
    fc.assert(property, { seed: 6, numRuns: 300 });
  });
});
