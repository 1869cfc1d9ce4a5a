import { createStreamJudge } from '../../../src/core/analysis/judge-stream';
import type { ArmTick, StreamDecision, StreamTick } from '../../../src/core/analysis/stream';
import { meta, randomStream } from './random-stream';

type Arms = { readonly canary: ArmTick; readonly baseline: ArmTick; readonly stable: ArmTick };
const healthy = randomStream(61);
const inf = (n: number): readonly number[] => [...meta.le.map(() => 0), n];
const nothing = [...meta.le.map(() => 0), 0];
const none: ArmTick = { n: 0, err: 0, buckets: nothing, cpu: 0.4 };
const without = ({ n, err, cpu }: ArmTick): ArmTick => ({ n, err, ...(cpu === undefined ? {} : { cpu }) });

/** The decision after five minutes of healthy ticks and two of changed ones, before anything could be proved. */
function after(change: (arms: Arms, t: number) => StreamTick): StreamDecision {
  const judge = createStreamJudge(meta);
  const ticks = healthy.slice(0, 28).map((tick, i) => {
    const { t, canary, baseline, stable } = tick;
    if (i < 20 || !canary || !baseline || !stable) return tick;
    return change({ canary, baseline, stable }, t);
  });
  return ticks.map((tick) => judge.step(tick)).at(-1) ?? { action: 'advance', reason: '' };
}

describe('no data in all its forms', () => {
  it.each<[string, (arms: Arms, t: number) => StreamTick]>([
    ['nothing was read', (_, t) => ({ t })],
    ['nothing was read', (_, t) => ({ t, canary: null, baseline: null, stable: null })],
    ['canary absent', ({ baseline, stable }, t) => ({ t, baseline, stable })],
    ['control absent', ({ canary }, t) => ({ t, canary })],
    ['not a number', (arms, t) => ({ t, ...arms, canary: { ...arms.canary, n: NaN } })],
    ['not a number', (arms, t) => ({ t, ...arms, stable: { ...arms.stable, err: Infinity } })],
    ['not a number', (arms, t) => ({ t, ...arms, canary: { ...arms.canary, cpu: NaN } })],
    ['counter reset', (arms, t) => ({ t, ...arms, canary: { ...arms.canary, n: -2_000, err: -3 } })],
    ['counter reset', (arms, t) => ({ t, ...arms, stable: { ...arms.stable, buckets: inf(-1) } })],
    ['no requests to the canary', (arms, t) => ({ t, ...arms, canary: none })],
    ['no requests at all', (_, t) => ({ t, canary: none, baseline: none, stable: none })],
    [
      'latency buckets unknown',
      ({ canary, baseline, stable }, t) => ({ t, canary: without(canary), baseline, stable }),
    ],
    [
      'latency buckets unknown',
      ({ canary, baseline, stable }, t) => ({ t, canary, baseline: without(baseline), stable: without(stable) }),
    ],
    ['latency buckets unknown', (arms, t) => ({ t, ...arms, canary: { ...arms.canary, buckets: nothing } })],
    [
      'all answers beyond the last latency bound',
      ({ canary, baseline, stable }, t) => ({
        t,
        canary: { ...canary, buckets: inf(canary.n) },
        baseline: { ...baseline, buckets: inf(baseline.n) },
        stable: { ...stable, buckets: inf(stable.n) },
      }),
    ],
  ])('holds and says: %s', (silence, change) => {
    const decision = after(change);
    expect(decision).toMatchObject({ action: 'hold', why: 'no-data' });
    expect(decision.reason).toContain(`no data: ${silence} for`);
  });

  it('is no hold of its own for one tick, and forgotten with the next good one', () => {
    let count = 0;
    const decision = after((arms, t) => {
      count += 1;
      return count === 3 ? { t } : { t, ...arms };
    });
    expect(decision).toMatchObject({ action: 'hold', why: 'unproved' });
  });

  it('a canary that gets requests and answers none is bad evidence', () => {
    const decision = after(({ canary, baseline, stable }, t) => ({
      t,
      canary: { n: canary.n, err: canary.n },
      baseline,
      stable,
    }));
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'errors' });
  });

  it('a canary alone beyond the last bound is slow', () => {
    const decision = after((arms, t) => ({ t, ...arms, canary: { ...arms.canary, buckets: inf(arms.canary.n) } }));
    expect(decision).toMatchObject({ action: 'roll-back', metric: 'latency' });
  });

  it.each<[string, (arm: ArmTick) => ArmTick]>([
    ['empty', (arm) => ({ ...arm, buckets: nothing })],
    ['+Inf only', (arm) => ({ ...arm, buckets: inf(arm.n) })],
  ])('histograms that were never more than %s prove nothing', (_, change) => {
    const judge = createStreamJudge(meta);
    const decisions = healthy.map(({ t, canary, baseline, stable }) =>
      judge.step({
        t,
        ...(canary && { canary: change(canary) }),
        ...(baseline && { baseline: change(baseline) }),
        ...(stable && { stable: change(stable) }),
      }),
    );
    expect(new Set(decisions.map(({ action }) => action))).toEqual(new Set(['hold']));
  });

  it('a service without latency is not asked for it', () => {
    const judge = createStreamJudge({ ...meta, le: [] });
    const actions = healthy.map(({ t, canary, baseline, stable }) =>
      judge.step({
        t,
        ...(canary && { canary: without(canary) }),
        ...(baseline && { baseline: without(baseline) }),
        ...(stable && { stable: without(stable) }),
      }),
    );
    expect(actions.at(-1)).toMatchObject({ action: 'advance' });
  });
});
