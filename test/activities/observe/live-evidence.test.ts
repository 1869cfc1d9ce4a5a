import { playWatch, rulesOf, stage } from './played-watch';

const margin = { kind: 'margin', share: 0.005 } as const;
const long = rulesOf([stage(10, { bakeMs: 3_600_000 })], margin);
const calm = { baselineBad: 0.002, canaryBad: 0.002 };

describe('the evidence of a whole release', () => {
  it('rolls back for harm that no window of half a minute shows', () => {
    const { second, decision, verdicts } = playWatch(long, 200, 3_600, () => ({
      baselineBad: 0.002,
      canaryBad: 0.025,
    }));
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'http-errors' });
    expect(decision.reason).toMatch(/beyond the limit over the whole release, evidence [\d.e+]+ of 125 needed/);
    expect(verdicts[0]).toMatchObject({ value: 'fail', evidenceNeeded: 125 });
    expect(second).toBeGreaterThan(30);
  });

  it.each([1, 2, 3, 4, 5, 6])('leaves a canary alone that is as good as its baseline (seed %d)', (seed) => {
    const { decision, stateBytes } = playWatch(long, 100, 1_800, () => calm, seed);
    expect(decision).toMatchObject({ action: 'hold', why: 'baking' });
    expect(stateBytes).toBeLessThan(6_000);
  });

  it('leaves a canary alone in incidents that hit both arms', () => {
    const burst = (second: number) => (second % 300 < 40 ? { baselineBad: 0.3, canaryBad: 0.3 } : calm);
    expect(playWatch(long, 100, 1_200, burst).decision).toMatchObject({ action: 'hold', why: 'baking' });
  });

  it('does not roll back for harm within the limit, however surely it is seen', () => {
    const { decision, verdicts } = playWatch(long, 500, 1_200, () => ({ baselineBad: 0.001, canaryBad: 0.004 }));
    expect(decision.action).toBe('hold');
    expect(verdicts[0]?.interval?.low).toBeGreaterThan(1);
  });

  it('finds harm that begins after an hour', () => {
    const late = (second: number) => (second < 3_600 ? calm : { baselineBad: 0.002, canaryBad: 0.04 });
    const twoHours = rulesOf([stage(10, { bakeMs: 7_200_000 })], margin);
    const { second, decision } = playWatch(twoHours, 100, 4_200, late);
    expect(decision.action).toBe('roll-back');
    expect(second).toBeGreaterThan(3_600);
  });

  it('says the range of the ratio to the baseline', () => {
    const { verdicts } = playWatch(long, 500, 600, () => ({ baselineBad: 0.02, canaryBad: 0.02 }));
    const { low, high } = verdicts[0]?.interval ?? { low: 9, high: 0 };
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
    expect(high).toBeLessThan(3);
  });
});

describe('at full exposure', () => {
  const stagesTo = (percent: number) => [
    stage(25, { bakeMs: 60_000 }),
    stage(percent, { id: 'expose-full', isFull: true, bakeMs: 1_800_000 }),
  ];
  const lateAfter = (moment: number) => (second: number) =>
    second < moment ? calm : { baselineBad: 0.002, canaryBad: 0.1 };

  it.each([
    ['a holdback of one percent', 99],
    ['the rates of the stage before', 100],
  ])('rolls back for ten percent errors a minute into the window, with %s', (_name, percent) => {
    const { second, decision, advancedAtS } = playWatch(rulesOf(stagesTo(percent), margin), 100, 600, lateAfter(130));
    expect(advancedAtS).toHaveLength(1);
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'http-errors' });
    expect(second).toBeLessThan(300);
  });

  it('rolls back for harm so small that no window shows it, with the rates of the stage before', () => {
    const little = (second: number) => (second < 130 ? calm : { baselineBad: 0.002, canaryBad: 0.02 });
    const { decision } = playWatch(rulesOf(stagesTo(100), margin), 100, 1_800, little);
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'http-errors' });
  });
});

describe('a proof of safety', () => {
  const asked = rulesOf([stage(10, { bakeMs: 5_000, needsProof: true, minRequests: 20 })], margin);

  it('is what a stage waits for that names no requests', () => {
    const { second, decision, verdicts } = playWatch(asked, 200, 3_600, () => ({
      baselineBad: 0.001,
      canaryBad: 0.001,
    }));
    expect(decision.action).toBe('advance');
    expect(second).toBeGreaterThan(20);
    expect(verdicts[0]).toMatchObject({ value: 'pass' });
    const early = playWatch(asked, 200, 12, () => calm);
    expect(early.decision).toMatchObject({ action: 'hold', why: 'evidence' });
    expect(early.verdicts[0]?.reason).toMatch(/not proved within the limit yet, evidence [\d.]+ of 20 needed$/);
  });

  it('is not asked where the stage says how many requests are enough', () => {
    const enough = rulesOf([stage(10, { bakeMs: 5_000, minRequests: 20 })], margin);
    expect(playWatch(enough, 200, 60, () => calm)).toMatchObject({ second: 5, decision: { action: 'advance' } });
  });

  it('is asked of every stage anew', () => {
    const twice = rulesOf(
      [stage(10, { bakeMs: 1_000, needsProof: true }), stage(11, { bakeMs: 1_000, needsProof: true })],
      margin,
    );
    const { advancedAtS } = playWatch(twice, 500, 3_600, () => calm);
    const [first = 0, second = 0] = advancedAtS;
    expect(advancedAtS).toHaveLength(2);
    expect(second - first).toBeGreaterThan(10);
  });

  it('never comes to a canary that is beyond the limit', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { advancedAtS } = playWatch(asked, 100, 1_200, () => ({ baselineBad: 0.001, canaryBad: 0.0075 }), seed);
      expect(advancedAtS).toEqual([]);
    }
  });

  it('is asked with the risk that the plan declares', () => {
    const strict = { ...asked, risk: { alpha: 0.001, beta: 0.001 } };
    const { verdicts } = playWatch(strict, 200, 12, () => calm);
    expect(verdicts[0]).toMatchObject({ evidenceNeeded: 1_250 });
    expect(verdicts[0]?.reason).toMatch(/of 1000 needed$/);
  });
});

describe('the split of the traffic', () => {
  const quarter = rulesOf([stage(25, { bakeMs: 120_000 })], { kind: 'absolute', share: 0.5 });

  it.each([
    ['more', 0.3],
    ['fewer', 0.2],
  ])('holds while the canary gets %s requests than its share', (way, canaryShare) => {
    const { decision, verdicts } = playWatch(quarter, 500, 130, () => ({ ...calm, canaryShare }));
    expect(decision).toMatchObject({ action: 'hold', why: 'evidence' });
    expect(verdicts.at(-1)).toMatchObject({ metric: 'traffic-split', value: 'inconclusive' });
    expect(decision.reason).toContain(`the canary gets ${way} requests than its share`);
  });

  it('is no verdict while it is right', () => {
    const { decision, verdicts } = playWatch(quarter, 500, 130, () => calm);
    expect(decision.action).toBe('advance');
    expect(verdicts).toHaveLength(1);
  });
});
