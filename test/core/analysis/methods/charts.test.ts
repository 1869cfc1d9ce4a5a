import {
  chartKinds,
  chartRunLength,
  startChart,
  stepChart,
  type ChartKind,
} from '../../../../src/core/analysis/methods/charts';
import { moreEvents } from '../../../../src/core/analysis/methods/counts';
import { cusumRunLength, stepCusum } from '../../../../src/core/analysis/methods/cusum';
import { ewmaRunLength, stepEwma } from '../../../../src/core/analysis/methods/ewma';
import { nothingOpen, surpriseOf } from '../../../../src/core/analysis/methods/surprise';
import { seededRandom } from '../../../../src/core/seeded-random';
import { drawBinomial } from '../../../../src/look-back/backtest/draw-binomial';
// Made by scripts/oracles/charts.py from Markov chains (Brook and Evans 1972) with numpy and scipy.
import vectors from '../vectors/charts.json';

describe('the average run length', () => {
  it.each(vectors.cusum)('of a CUSUM with its limit at $level is within a tenth of $length', ({ level, length }) => {
    expect(Math.abs(Math.exp(cusumRunLength(level)) / length - 1)).toBeLessThan(0.1);
  });

  it.each(vectors.ewma)('of an EWMA with its limit at $value is within a tenth of $length', ({ value, length }) => {
    expect(Math.abs(Math.exp(ewmaRunLength(value)) / length - 1)).toBeLessThan(0.1);
  });

  it('grows with the level, from nothing', () => {
    const levels = [0, 0.05, 0.2, 0.5, 1, 2, 5, 20, 100];
    for (const runLength of [cusumRunLength, ewmaRunLength]) {
      const lengths = levels.map(runLength);
      expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
      expect(lengths.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('a chart of counts', () => {
  const random = seededRandom(31);
  const share = 0.1;
  /** Ticks to the first alarm whose limit is this run length, at so many events a tick. */
  const run = (kind: ChartKind, wanted: number, events: number, own: number): number => {
    let chart = startChart(kind, moreEvents);
    for (let ticks = 1; ; ticks += 1) {
      const canary = drawBinomial(events, own, random);
      const gains = moreEvents.ratios.map((ratio) => {
        const q = (share * ratio) / (share * ratio + 1 - share);
        return canary * Math.log(q / share) + (events - canary) * Math.log((1 - q) / (1 - share));
      });
      chart = stepChart(chart, { gains, own: canary, events, share, dispersion: 1 });
      if (chartRunLength(chart, moreEvents) >= Math.log(wanted)) return ticks;
    }
  };
  const mean = (kind: ChartKind, events: number, own: number): number =>
    Array.from({ length: 100 }, () => run(kind, 200, events, own)).reduce((a, b) => a + b) / 100;

  it.each(chartKinds)('%s alarms at most about once in its run length of healthy ticks, busy or quiet', (kind) => {
    for (const events of [3, 60]) expect(mean(kind, events, share)).toBeGreaterThan(0.75 * 200);
  });

  it.each(chartKinds)('%s alarms soon when the canary has twice its part', (kind) => {
    expect(mean(kind, 40, 2 * share)).toBeLessThan(25);
  });

  it('says nothing of fewer events than tell anything, and keeps them for later', () => {
    const tick = { own: 1, events: 10, share, dispersion: 2 };
    const first = surpriseOf(nothingOpen, tick);
    expect(first.surprise).toBeUndefined();
    expect(first.open.slice(0, 2)).toEqual([1, 10]);
    const last = surpriseOf([5, 30, 3, 6], tick);
    expect(last.open).toEqual(nothingOpen);
    expect(last.surprise).toBeGreaterThan(0);
  });

  it('halves the squared surprise for twice the dispersion', () => {
    const of = (dispersion: number): number =>
      surpriseOf(nothingOpen, { own: 20, events: 100, share, dispersion }).surprise ?? NaN;
    expect(of(1) ** 2).toBeCloseTo(2 * of(2) ** 2, 6);
    expect(of(1)).toBeCloseTo(vectors.surprise, 6);
  });

  it('steps as published', () => {
    expect(stepCusum(1, 2)).toBe(2.5);
    expect(stepCusum(0.1, -3)).toBe(0);
    expect(stepEwma(1, 2)).toBeCloseTo(1.1, 12);
  });
});
