import * as fc from 'fast-check';
import { absorbTick } from '../../../src/core/analysis/engine-tick';
import { createStreamJudge } from '../../../src/core/analysis/judge-stream';
import { defaultLimits } from '../../../src/core/analysis/limits';
import { evidenceOf } from '../../../src/core/analysis/stream-decision';
import type { ArmTick, StreamTick } from '../../../src/core/analysis/stream';
import { startStream, type StreamState } from '../../../src/core/analysis/stream-state';
import { seededRandom } from '../../../src/core/seeded-random';
import { meta, randomStream } from './random-stream';

/** Seconds to the roll-back, infinite without one. */
function rollsBackAtS(ticks: readonly StreamTick[], streamMeta = meta): number {
  const judge = createStreamJudge(streamMeta);
  for (const tick of ticks) if (judge.step(tick).action === 'roll-back') return tick.t;
  return Infinity;
}

/** The stream in which, besides, each good answer of the canary turns bad with this chance; the same answers first. */
function worse(ticks: readonly StreamTick[], chance: number): readonly StreamTick[] {
  const random = seededRandom(71);
  return ticks.map((tick) => {
    const { canary } = tick;
    if (!canary) return tick;
    const more = Array.from({ length: canary.n - canary.err }, random).filter((draw) => draw < chance).length;
    return { ...tick, canary: { ...canary, err: canary.err + more } };
  });
}

const sumOf = (arms: readonly ArmTick[]): ArmTick => ({
  n: arms.reduce((sum, { n }) => sum + n, 0),
  err: arms.reduce((sum, { err }) => sum + err, 0),
  buckets: (arms[0]?.buckets ?? []).map((_, b) => arms.reduce((sum, { buckets }) => sum + (buckets?.[b] ?? 0), 0)),
  cpu: arms.reduce((sum, { cpu }) => sum + (cpu ?? 0), 0) / arms.length,
});

/** The same stream read at ticks `times` as long. */
const merged = (ticks: readonly StreamTick[], times: number): readonly StreamTick[] =>
  Array.from({ length: Math.floor(ticks.length / times) }, (_, i) => {
    const part = ticks.slice(i * times, (i + 1) * times);
    const arm = (name: 'canary' | 'baseline' | 'stable'): ArmTick =>
      sumOf(part.flatMap((tick) => (tick[name] ? [tick[name]] : [])));
    return { t: part.at(-1)?.t ?? 0, canary: arm('canary'), baseline: arm('baseline'), stable: arm('stable') };
  });

const seeds = [81, 82, 83, 84];

describe('properties of a judged stream', () => {
  it.each(seeds)('more errors are found no later, seed %d', (seed) => {
    const healthy = randomStream(seed);
    const times = [0, 0.01, 0.03, 0.1, 0.4, 1].map((chance) => rollsBackAtS(worse(healthy, chance)));
    expect([...times].sort((a, b) => b - a)).toEqual(times);
    expect(times[0]).toBe(Infinity);
    expect(times.at(-1)).toBeLessThanOrEqual(30);
  });

  it.each(seeds)('a slower canary is found no later, seed %d', (seed) => {
    const times = [1, 1.3, 1.8, 3].map((slower) => rollsBackAtS(randomStream(seed, { slower })));
    expect([...times].sort((a, b) => b - a)).toEqual(times);
    expect(times[0]).toBe(Infinity);
  });

  it.each([2, 4])('clean ticks %d times as long say the same', (times) => {
    for (const seed of seeds) {
      const ticks = randomStream(seed);
      const long = { ...meta, tickS: meta.tickS * times, ticks: meta.ticks / times };
      const [judge, other] = [createStreamJudge(meta), createStreamJudge(long)];
      const last = ticks.map((tick) => judge.step(tick)).at(-1);
      const otherLast = merged(ticks, times)
        .map((tick) => other.step(tick))
        .at(-1);
      expect(otherLast?.action).toBe('advance');
      expect(otherLast?.action).toBe(last?.action);
    }
  });

  it.each([2, 4])('ticks %d times as long find harm within one such tick of the others', (times) => {
    const ticks = randomStream(85, { canaryErrors: 0.1 });
    const long = { ...meta, tickS: meta.tickS * times, ticks: meta.ticks / times };
    const [at, later] = [rollsBackAtS(ticks), rollsBackAtS(merged(ticks, times), long)];
    expect(Math.abs(later - at)).toBeLessThanOrEqual(2 * long.tickS);
  });

  it('doubling what every arm counts never turns harmless into harm', () => {
    for (const seed of seeds) {
      const double = randomStream(seed).map(({ t, canary, baseline, stable }) => ({
        t,
        ...(canary && { canary: sumOf([canary, canary]) }),
        ...(baseline && { baseline: sumOf([baseline, baseline]) }),
        ...(stable && { stable: sumOf([stable, stable]) }),
      }));
      expect(rollsBackAtS(double)).toBe(Infinity);
    }
  });

  it('no ticks without data on both sides are ever a verdict, nor evidence', () => {
    const count = fc.constantFrom(0, 5, 300, -1, NaN, Infinity);
    const arm = fc.option(fc.record({ n: count, err: count, buckets: fc.constantFrom([], [0, 0], [3, NaN]) }));
    const empty = fc.constantFrom(null, { n: 0, err: 0 }, { n: 0, err: 0, buckets: [0, 0] });
    const tick = fc.oneof(
      fc.tuple(empty, arm, arm),
      fc.tuple(fc.constant(null), arm, arm),
      fc.tuple(empty, empty, empty),
    );
    fc.assert(
      fc.property(fc.array(tick, { maxLength: 60 }), (ticks) => {
        let state = startStream();
        const oneBound = { ...meta, le: [0.1] };
        const judge = createStreamJudge(oneBound);
        ticks.forEach(([canary, baseline, stable], i) => {
          const read = { t: 15 * (i + 1), canary, baseline, stable };
          state = absorbTick(state, read, oneBound, defaultLimits).state;
          expect(judge.step(read).action).toBe('hold');
        });
        for (const log of Object.values(evidenceOf(state))) expect(log).toBeLessThanOrEqual(1e-6);
      }),
      { numRuns: 200, seed: 91 },
    );
  });

  it('goes on from JSON at any tick to the same bytes, with every chart and with a season', () => {
    const limits = [
      defaultLimits,
      { ...defaultLimits, chart: 'cusum' as const },
      { ...defaultLimits, chart: 'ewma' as const },
    ];
    const short = { ...meta, ticks: 10 };
    const ticks = randomStream(86, { errors: 0.02 }).map((tick, i) => ({
      ...(i % 7 === 3 ? { t: tick.t, canary: tick.canary ?? null } : tick),
      sameHour: { n: 10_000, err: 150 },
    }));
    for (const each of limits) {
      let [kept, copied]: readonly StreamState[] = [startStream(), startStream()];
      for (const tick of ticks) {
        kept = absorbTick(kept ?? startStream(), tick, short, each).state;
        copied = absorbTick(JSON.parse(JSON.stringify(copied)) as StreamState, tick, short, each).state;
        expect(JSON.stringify(copied)).toBe(JSON.stringify(kept));
      }
    }
  });
});
