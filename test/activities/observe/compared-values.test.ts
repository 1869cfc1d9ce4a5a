import { tickWatch, type TickResult, type WatchRules } from '../../../src/activities/observe/watch';
import { newWatch, type WatchState } from '../../../src/activities/observe/watch-state';
import type { Reading } from '../../../src/core/analysis/types';
import type { MetricRule } from '../../../src/core/plan/plan';
import { seededRandom } from '../../../src/core/seeded-random';
import { stage } from './played-watch';

type Compared = Extract<MetricRule, { kind: 'compared' }>;
type Played = TickResult & { readonly second: number };

const scrapeS = 15;

const rulesOf = (rule: Partial<Compared>, stages = [stage(20, { bakeMs: 1_800_000 })]): WatchRules => ({
  roles: { baseline: 'blue', canary: 'green' },
  stages,
  metrics: [
    { name: 'orders', guardrail: true, kind: 'compared', target: 'p', query: 'q', method: 'evidence', ...rule },
  ],
  noData: { holdForMs: 600_000, then: 'hold' },
});

/** Values that wander as gauges do: each is half the one before. */
function wandering(seed: number, sd: number): () => number {
  const random = seededRandom(seed);
  let last = 0;
  return () => {
    const normal = Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
    last = 0.5 * last + sd * normal;
    return last;
  };
}

/** Watches until it decides or the seconds are over, a look a scrape; the state goes through JSON each time. */
function play(rules: WatchRules, seconds: number, readingAt: (second: number, index: number) => Reading): Played {
  let state: WatchState = newWatch(0);
  let [index, blue, green] = [0, 0, 0];
  for (let second = 0; ; second += scrapeS) {
    const percent = rules.stages[index]?.canaryPercent ?? 100;
    blue += 500 * (1 - percent / 100);
    green += (500 * percent) / 100;
    const counters = { blue: { requests: blue, bad: 0 }, green: { requests: green, bad: 0 } };
    const split = {
      blue: { weight: 100 - percent, state: 'ready' as const },
      green: { weight: percent, state: 'ready' as const },
    };
    const result = tickWatch(state, rules, {
      atMs: second * 1_000,
      elapsedMs: second === 0 ? 0 : 1_000 * scrapeS,
      proxy: {
        kind: 'read',
        traffic: { split, counters, sessions: { blue: 0, green: 0 }, down: [], resets: 0, processes: '1' },
      },
      begunIndex: index,
      others: { orders: readingAt(second, index) },
    });
    state = JSON.parse(JSON.stringify(result.state)) as WatchState;
    const isLast = index === rules.stages.length - 1;
    if (result.decision.action === 'advance' && !isLast) index += 1;
    else if (result.decision.action !== 'hold' || second >= seconds) return { ...result, second };
  }
}

const around = (seed: number, canaryMean: number, baselineMean = 100) => {
  const [canary, baseline] = [wandering(seed, 2), wandering(seed + 1, 2)];
  return (): Reading => ({ kind: 'pair', canary: canaryMean + canary(), baseline: baselineMean + baseline() });
};

describe('values compared by evidence', () => {
  it.each([
    ['fewer orders than the least', { min: { kind: 'factor', factor: 0.95 } }, 80],
    ['more than the most', { max: { kind: 'margin', by: 5 } }, 120],
    ['fewer, where both directions are harm', { max: { kind: 'margin', by: 5 }, min: { kind: 'margin', by: 5 } }, 80],
  ] as const)('roll back for %s', (_what, rule, mean) => {
    const { decision, verdicts } = play(rulesOf(rule), 3_600, around(11, mean));
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'orders' });
    expect(verdicts[0]?.evidence).toBeGreaterThan(verdicts[0]?.evidenceNeeded ?? Infinity);
  });

  it.each([100, 104, 130])('never roll back for a mean of %d where only less is harm', (mean) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { decision } = play(rulesOf({ min: { kind: 'factor', factor: 0.95 } }), 1_800, around(7 * seed, mean));
      expect(decision.action).toBe('advance');
    }
  });

  it('hold and do not pass while the mean is beyond the limit and nothing is proved', () => {
    const rules = rulesOf({ min: { kind: 'factor', factor: 0.95 } }, [stage(20, { bakeMs: 60_000 })]);
    const { decision, verdicts } = play(rules, 300, around(3, 80));
    expect(decision).toMatchObject({ action: 'hold', why: 'evidence' });
    expect(verdicts[0]?.reason).toMatch(/beyond the limit, but it may be chance/);
  });

  it('are missing, not good, where the baseline has no value', () => {
    const reading: Reading = { kind: 'pair', canary: 1, baseline: { reason: 'empty', detail: 'blue: no series' } };
    const { verdicts, decision } = play(rulesOf({ max: { kind: 'factor', factor: 2 } }), 60, () => reading);
    expect(verdicts[0]).toMatchObject({ value: 'inconclusive', missing: 'empty' });
    expect(decision).toMatchObject({ action: 'hold', why: 'no-data' });
  });

  it('are held against the stage before where nobody is left on the baseline', () => {
    const stages = [stage(50, { bakeMs: 60_000 }), stage(100, { bakeMs: 3_600_000, isFull: true })];
    const [good, bad] = [around(5, 100), around(5, 60, 0)];
    const rules = rulesOf({ min: { kind: 'factor', factor: 0.9 } }, stages);
    const { decision, verdicts } = play(rules, 3_600, (_second, index) => (index === 0 ? good() : bad()));
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'orders' });
    expect(verdicts[0]?.baseline).toBeCloseTo(100, -1);
  });
});

describe('values compared by the classic judge', () => {
  const rule = { method: 'mann-whitney', min: { kind: 'factor', factor: 0.95 } } as const;
  const short = [stage(20, { bakeMs: 300_000 })];

  it('say nothing before the bake, and roll back once it is over', () => {
    const { decision, second } = play(rulesOf(rule, short), 3_600, around(11, 80));
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'orders' });
    expect(decision.reason).toMatch(/Low of 2\d readings each/);
    expect(second).toBe(300);
  });

  it.each([100, 120])('pass for a mean of %d', (mean) => {
    expect(play(rulesOf(rule, short), 3_600, around(11, mean)).decision.action).toBe('advance');
  });

  it('do not look a second time at what came after the bake', () => {
    const noData: Reading = { kind: 'missing', reason: 'empty', detail: '' };
    const [good, bad] = [around(11, 100), around(11, 50)];
    const rules = rulesOf(rule, short);
    const withOther: WatchRules = {
      ...rules,
      metrics: [...rules.metrics, { name: 'other', guardrail: false, kind: 'value', target: 'p', query: 'o', max: 1 }],
    };
    const { verdicts } = play(withOther, 900, (second) => (second <= 300 ? good() : bad()));
    expect(verdicts[0]).toMatchObject({ metric: 'orders', value: 'pass' });
    expect(play(rules, 60, () => noData).verdicts[0]).toMatchObject({ value: 'inconclusive', missing: 'empty' });
  });

  it('keep a long stage within a heartbeat', () => {
    const { state } = play(rulesOf(rule, [stage(20, { bakeMs: 86_400_000 })]), 80_000, around(2, 100));
    expect(JSON.stringify(state.compared).length).toBeLessThan(12_000);
  });
});

test('a guardrail that nothing was read of yet has its part of the risk from the start', () => {
  const rules = rulesOf({ max: { kind: 'factor', factor: 2 } });
  const errors: MetricRule = {
    name: 'http-errors',
    guardrail: true,
    kind: 'proxy-errors',
    limit: { kind: 'absolute', share: 0.01 },
  };
  const missing: Reading = { kind: 'missing', reason: 'empty', detail: 'no series' };
  const { verdicts } = play({ ...rules, metrics: [errors, ...rules.metrics] }, 120, () => missing);
  expect(verdicts[0]).toMatchObject({ metric: 'http-errors', evidenceNeeded: 250 });
});
