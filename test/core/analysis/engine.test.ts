import * as fc from 'fast-check';
import { absorb, beginStage, startEngine } from '../../../src/core/analysis/engine';
import type { Counts, EngineState, Reading } from '../../../src/core/analysis/types';

const startMs = 1_800_000_000_000;
const counts = (baseline: Counts, canary: Counts): Reading => ({ kind: 'counts', baseline, canary });
const of = (total: number, bad: number): Counts => ({ total, bad });

const absorbAll = (readings: readonly Reading[], everyMs = 50, state: EngineState = startEngine()): EngineState =>
  readings.reduce(
    (before, reading, index) => absorb(before, { atMs: startMs + index * everyMs, readings: { errors: reading } }),
    state,
  );
const only = (state: EngineState) => state.metrics['errors'] ?? fail('the metric has no state');
const fail = (text: string): never => {
  throw new Error(text);
};

describe('the state of the engine', () => {
  it('takes the first counts as where counting starts', () => {
    const metric = only(absorbAll([counts(of(5_000, 900), of(70, 7))]));
    expect(metric.stage).toMatchObject({ baseline: of(0, 0), canary: of(0, 0) });
    expect(metric.slices).toEqual([]);
  });

  it('counts differences, and from zero after a fall', () => {
    const metric = only(absorbAll([counts(of(100, 9), of(50, 5)), counts(of(130, 10), of(8, 2))]));
    expect(metric.stage).toMatchObject({ baseline: of(30, 1), canary: of(8, 2) });
    expect(metric.whole).toEqual({ baseline: of(30, 1), canary: of(8, 2) });
  });

  it('adds nothing that a pass could rest on while the baseline is silent, and goes on behind it', () => {
    const before = absorbAll([counts(of(0, 0), of(0, 0)), counts(of(300, 3), of(100, 1))]);
    const dead = { atMs: startMs + 200, readings: { errors: counts(of(400, 103), of(150, 2)) } };
    const silent = absorb(before, dead, true);
    expect(only(silent).stage).toEqual(only(before).stage);
    expect(only(silent).whole).toEqual({ baseline: of(300, 3), canary: of(150, 2) });
    const back = absorb(silent, { atMs: startMs + 300, readings: { errors: counts(of(410, 103), of(152, 2)) } });
    expect(only(back).stage).toMatchObject({ baseline: of(310, 3), canary: of(102, 1) });
  });

  it('begins a stage with empty sums and goes on with windows, whole and counters', () => {
    const before = absorbAll([counts(of(0, 0), of(0, 0)), counts(of(300, 3), of(100, 1))]);
    const after = only(beginStage(before));
    expect(after.stage).toMatchObject({ baseline: of(0, 0), canary: of(0, 0), expectedCanaryBad: 0 });
    expect(after).toMatchObject({ slices: only(before).slices, whole: only(before).whole, frozen: of(300, 3) });
  });

  it('keeps the frozen rates of a stage in which the baseline had a tenth or more', () => {
    const quarter = beginStage(absorbAll([counts(of(0, 0), of(0, 0)), counts(of(300, 3), of(100, 1))]));
    const full = absorb(quarter, { atMs: startMs + 900, readings: { errors: counts(of(301, 3), of(9_100, 1)) } });
    expect(only(beginStage(full)).frozen).toEqual(of(300, 3));
  });

  it('keeps at most ten values, and one measurement read again as one', () => {
    const metric = only(absorbAll(Array.from({ length: 400 }, (_, i) => ({ kind: 'value', canary: i }) as const)));
    expect(metric.values).toHaveLength(10);
    expect(metric.values.at(-1)).toBe(399);
    expect(only(absorbAll(Array.from({ length: 20 }, () => ({ kind: 'value', canary: 1 }) as const))).values).toEqual([
      1,
    ]);
  });

  it('remembers why data is missing and since when, until it comes again', () => {
    const missing: Reading = { kind: 'missing', reason: 'unreachable', detail: 'refused' };
    const good = counts(of(1, 0), of(1, 0));
    const gone = absorbAll([good, missing, missing]);
    expect(only(gone)).toMatchObject({ missing: { reason: 'unreachable', detail: 'refused' }, lastGoodAtMs: startMs });
    expect(only(absorb(gone, { atMs: startMs + 500, readings: { errors: good } })).missing).toBeUndefined();
  });

  it.each([NaN, Infinity, -1])('takes a count of %d as missing', (wrong) => {
    const metric = only(absorbAll([counts(of(1, 0), of(1, 0)), counts(of(wrong, 0), of(2, 0))]));
    expect(metric.missing?.reason).toBe('not-a-number');
    expect(metric.whole.canary.total).toBe(0);
  });

  it('lets slices age after the clock went back', () => {
    const busy = absorbAll(Array.from({ length: 40 }, (_, i) => counts(of(i * 9, 0), of(i, i))));
    const hourBack = absorb(busy, { atMs: startMs - 3_600_000, readings: { errors: counts(of(500, 0), of(50, 50)) } });
    const later = absorb(hourBack, { atMs: startMs - 3_560_000, readings: { errors: counts(of(600, 0), of(60, 50)) } });
    expect(only(later).slices).toHaveLength(1);
  });

  it('stays below four kilobytes a metric, whatever it has seen', () => {
    const huge = Array.from({ length: 3_000 }, (_, i) => counts(of(i * 1e9, i * 1e8 + 0.25), of(i * 1e9 + 1, i * 1e7)));
    for (const everyMs of [20, 50, 500, 15_000]) {
      expect(JSON.stringify(absorbAll(huge, everyMs)).length).toBeLessThan(4_000);
    }
  });
});

describe('properties of the state', () => {
  const count = fc.record({ total: fc.nat(10_000), bad: fc.nat(500) });
  const reading: fc.Arbitrary<Reading> = fc.oneof(
    fc.record({ kind: fc.constant('counts' as const), baseline: count, canary: count }),
    fc.record({ kind: fc.constant('value' as const), canary: fc.double().map((zero) => zero + 0) }),
    fc.record({ kind: fc.constant('missing' as const), reason: fc.constant('stale' as const), detail: fc.string() }),
  );
  const readings = fc.array(reading, { maxLength: 80 });

  it('survives JSON', () => {
    const property = fc.property(readings, fc.integer({ min: 1, max: 20_000 }), (some, everyMs) => {
      const state = beginStage(absorbAll(some, everyMs));
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    });
    fc.assert(property, { seed: 11, numRuns: 200 });
  });

  it('never counts backwards', () => {
    const property = fc.property(readings, (some) => {
      const { whole, slices } = absorbAll(some).metrics['errors'] ?? { whole: undefined, slices: [] };
      const sums = [whole?.baseline.total, whole?.baseline.bad, whole?.canary.total, whole?.canary.bad];
      for (const number of [...sums, ...slices.flat()]) expect(number ?? 0).toBeGreaterThanOrEqual(0);
    });
    fc.assert(property, { seed: 12, numRuns: 200 });
  });
});
