import * as fc from 'fast-check';
import { absorbTick } from '../../../src/core/analysis/engine-tick';
import { createStreamJudge } from '../../../src/core/analysis/judge-stream';
import { defaultLimits } from '../../../src/core/analysis/limits';
import type { HoldCause, StreamMeta, StreamTick } from '../../../src/core/analysis/stream';
import { startStream, type StreamState } from '../../../src/core/analysis/stream-state';
import { meta, randomStream, type World } from './random-stream';

type Outcome = {
  readonly action: string;
  readonly why?: HoldCause;
  readonly atS: number;
  readonly reason: string;
  readonly culprits: readonly string[];
};

/** The first roll-back, else the last decision. */
function outcomeOf(ticks: readonly StreamTick[], streamMeta: StreamMeta = meta): Outcome {
  const judge = createStreamJudge(streamMeta);
  let last: Outcome = { action: 'hold', atS: 0, reason: '', culprits: [] };
  for (const tick of ticks) {
    last = { ...judge.step(tick), atS: tick.t };
    if (last.action === 'roll-back') break;
  }
  return last;
}

const seeds = [1, 2, 3, 4, 5, 6];
const outcomes = (world: World, rps?: number): readonly Outcome[] =>
  seeds.map((seed) => outcomeOf(randomStream(seed, world, rps)));

describe('a stream with a control beside the canary', () => {
  it('advances once errors, latency and CPU are proved safe, and not before', () => {
    for (const outcome of outcomes({})) expect(outcome.action).toBe('advance');
    const early = outcomeOf(randomStream(1).slice(0, 10));
    expect(early).toMatchObject({ action: 'hold', why: 'unproved' });
    expect(early.reason).toContain('not proved safe yet');
  });

  it.each<[string, World, number]>([
    ['errors', { canaryErrors: 0.05 }, 300],
    ['latency', { slower: 1.6 }, 300],
    ['cpu', { canaryCpu: 0.15 }, 1_200],
  ])('rolls back for %s, and blames it alone', (metric, world, withinS) => {
    for (const outcome of outcomes(world)) {
      expect(outcome).toMatchObject({ action: 'roll-back', culprits: [metric] });
      expect(outcome.atS).toBeLessThanOrEqual(withinS);
    }
  });

  it('does not roll back for an incident that hits every arm', () => {
    for (const outcome of outcomes({ errors: 0.2, canaryErrors: 0.2 })) expect(outcome.action).toBe('hold');
  });

  it.each<[string, World]>([
    ['fewer', { canaryTraffic: 0.6 }],
    ['more', { canaryTraffic: 1.6 }],
  ])('holds when the canary gets %s requests than its share', (way, world) => {
    for (const outcome of outcomes(world)) {
      expect(outcome).toMatchObject({ action: 'hold', why: 'split' });
      expect(outcome.reason).toContain(`gets ${way} requests`);
    }
  });

  it('holds and blames the comparison when two healthy arms differ', () => {
    const outcome = outcomeOf(randomStream(3, { placeboErrors: 0.08 }));
    expect(outcome).toMatchObject({ action: 'hold', why: 'placebo', culprits: [] });
    expect(outcome.reason).toContain('placebo');
  });

  it('is worse news the more errors the canary has', () => {
    const at = (errors: number): number => {
      const { action, atS } = outcomeOf(randomStream(2, { canaryErrors: errors }));
      return action === 'roll-back' ? atS : Infinity;
    };
    const times = [0.02, 0.05, 0.2, 0.8].map(at);
    expect([...times].sort((a, b) => b - a)).toEqual(times);
  });
});

describe('what a person sees of a stream', () => {
  const looks = (world: World): readonly ReturnType<ReturnType<typeof createStreamJudge>['metrics']>[] => {
    const judge = createStreamJudge(meta);
    return randomStream(21, world, 40).map((tick) => {
      judge.step(tick);
      return judge.metrics();
    });
  };

  it('the interval of the errors holds the true ratio at every look, and excludes none beside ten times as many', () => {
    for (const [view] of looks({ errors: 0.01 })) {
      expect(view?.interval?.low).toBeLessThan(1);
      expect(view?.interval?.high ?? Infinity).toBeGreaterThan(1);
    }
    const last = looks({ errors: 0.01, canaryErrors: 0.1 }).at(-1)?.[0];
    expect(last?.interval?.low).toBeGreaterThan(4);
    expect(last?.interval?.low).toBeLessThan(10);
    expect(last?.interval?.high).toBeGreaterThan(10);
  });

  it('rolls back where the evidence of one metric reaches what it needs alone', () => {
    const views = looks({ canaryErrors: 0.1 });
    const judge = createStreamJudge(meta);
    const actions = randomStream(21, { canaryErrors: 0.1 }, 40).map((tick) => judge.step(tick).action);
    const needed = views.findIndex(
      ([errors]) => errors !== undefined && errors.logEvidence >= errors.logEvidenceNeeded,
    );
    expect(needed).toBeGreaterThanOrEqual(0);
    expect(actions[needed]).toBe('roll-back');
  });
});

describe('the state of a stream', () => {
  const states = (ticks: readonly StreamTick[], through: (state: StreamState) => StreamState): string[] => {
    let state = startStream();
    return ticks.map((tick) => {
      state = through(absorbTick(state, tick, meta, defaultLimits).state);
      return JSON.stringify(state);
    });
  };

  it('is the same bytes when it goes through JSON after every tick', () => {
    const ticks = randomStream(9, { canaryErrors: 0.01, slower: 1.1 });
    const copy = (state: StreamState): StreamState => JSON.parse(JSON.stringify(state)) as StreamState;
    expect(states(ticks, copy)).toEqual(states(ticks, (state) => state));
  });

  it('takes at most 2 KB a metric', () => {
    let state = startStream();
    for (const tick of randomStream(4, { canaryErrors: 0.01, slower: 1.1 }, 200)) {
      state = absorbTick(state, tick, meta, defaultLimits).state;
    }
    for (const part of [state.errors, state.latency, state.cpu, state.split, state.placebo]) {
      expect(JSON.stringify(part).length).toBeLessThanOrEqual(2_048);
    }
  });

  it('holds no number that JSON cannot hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), fc.nat(1e9)), { maxLength: 20 }), (rows) => {
        const judge = createStreamJudge({ ...meta, le: [0.1] });
        rows.forEach(([n, err, m, slow], i) => {
          judge.step({
            t: (i + 1) * 15,
            canary: { n, err: Math.min(n, err), buckets: [n - Math.min(n, slow), Math.min(n, slow)] },
            stable: { n: m, err: Math.min(m, slow), buckets: [m, 0] },
          });
        });
        expect(JSON.stringify(judge.state())).not.toContain('null,null');
        expect(JSON.stringify(judge.state())).not.toMatch(/NaN|Infinity/);
      }),
      { numRuns: 50 },
    );
  });

  it('judges clean ticks alike whatever their length', () => {
    // The same requests a tick: a clean tick is evidence by its counts, not by its seconds.
    const faster = { ...meta, tickS: 1 };
    const ticks = randomStream(5, {}).map((tick, i) => ({ ...tick, t: i + 1 }));
    const slow = outcomeOf(randomStream(5, {}));
    expect(slow.action).toBe('advance');
    expect(outcomeOf(ticks, faster).action).not.toBe('roll-back');
  });
});

describe('no data', () => {
  const silent = (change: (tick: StreamTick) => StreamTick): Outcome => {
    const ticks = randomStream(7);
    const broken = ticks.map((tick, i) => (i < 20 ? tick : change(tick)));
    return outcomeOf(broken.slice(0, 30));
  };

  it.each<[string, (tick: StreamTick) => StreamTick]>([
    ['canary absent', ({ t, baseline, stable }) => ({ t, ...(baseline && { baseline }), ...(stable && { stable }) })],
    ['canary absent', (tick) => ({ ...tick, canary: null })],
    ['control absent', ({ t, canary }) => ({ t, ...(canary && { canary }) })],
    ['not a number', (tick) => ({ ...tick, canary: { n: NaN, err: 0 } })],
    ['not a number', (tick) => ({ ...tick, stable: { n: 5, err: 9 } })],
  ])('holds and says: %s', (silence, change) => {
    const outcome = silent(change);
    expect(outcome).toMatchObject({ action: 'hold', why: 'no-data' });
    expect(outcome.reason).toContain(`no data: ${silence}`);
  });

  it('a stream of nothing never passes and never fails', () => {
    for (const arm of [undefined, null, { n: 0, err: 0 }]) {
      const ticks = Array.from({ length: 240 }, (_, i) => ({
        t: 15 * (i + 1),
        ...(arm !== undefined && { canary: arm }),
      }));
      expect(outcomeOf(ticks).action).toBe('hold');
    }
  });

  it('a tick that is read again changes nothing', () => {
    const [first] = randomStream(8);
    const tick = first ?? { t: 15 };
    const once = absorbTick(startStream(), tick, meta, defaultLimits).state;
    expect(absorbTick(once, tick, meta, defaultLimits)).toEqual({ state: once, silence: 'stale' });
  });
});

describe('full exposure', () => {
  const fullFrom = 20;
  const stream = (errors: number, holdback: number): readonly StreamTick[] => {
    const beside = randomStream(12).slice(0, fullFrom);
    const full = randomStream(13, { canaryErrors: errors }).slice(fullFrom);
    return [
      ...beside,
      ...full.map(({ t, canary, stable }) => ({
        t,
        ...(canary && { canary }),
        stable: {
          n: Math.round((stable?.n ?? 0) * holdback),
          err: 0,
          buckets: stable?.buckets?.map((n) => Math.round(n * holdback)) ?? [],
        },
      })),
    ];
  };

  it.each([0, 0.1])('rolls back for 10 %% errors with a holdback of %s of the control', (holdback) => {
    expect(outcomeOf(stream(0.1, holdback))).toMatchObject({ action: 'roll-back', culprits: ['errors'] });
  });

  it.each([0, 0.1])('goes on for the errors of before with a holdback of %s of the control', (holdback) => {
    expect(outcomeOf(stream(0.002, holdback)).action).not.toBe('roll-back');
  });
});
