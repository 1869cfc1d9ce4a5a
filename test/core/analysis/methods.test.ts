import { nats } from '../../../src/core/analysis/methods/bucket-odds';
import { blame } from '../../../src/core/analysis/e-bh';
import { moreEvents, startCounts, stepCounts, type Pair } from '../../../src/core/analysis/methods/counts';
import { intervalOf, startInterval, stepInterval } from '../../../src/core/analysis/methods/interval';
import { highestRate, startKnownRate, stepKnownRate } from '../../../src/core/analysis/methods/known-rate';
import { onsetBy, startMixture, stepMixture } from '../../../src/core/analysis/methods/mixture';
import { safetyEvidence, startSafety, stepSafety } from '../../../src/core/analysis/methods/safety';
import { logitAt, shapeOf, tiltOf } from '../../../src/core/analysis/methods/tilt';
// Made by scripts/oracles/decision-engine.py from scipy.
import vectors from './vectors/decision-engine.json';

const pairs = (rows: readonly (readonly number[])[]): readonly Pair[] =>
  rows.map(([canaryBad = 0, controlBad = 0, canary = 0, control = 0]) => ({ canaryBad, controlBad, canary, control }));

const bare = {
  marginRatio: 1.05,
  priorDispersion: 1,
  hasRetries: false,
  naturalSd: 0,
  naturalS: 1,
  plannedS: 3_600,
  alternatives: moreEvents,
};

describe('counts', () => {
  it.each(vectors.counts)(
    'sums the log-likelihood ratios of the binomial that scipy gives',
    ({ pairs: rows, sums }) => {
      // Ticks of one second in less than a minute: no block closes, so nothing is tempered.
      let state = startCounts();
      pairs(rows).forEach((pair, i) => {
        state = stepCounts(state, pair, undefined, { atS: i + 1, lengthS: 1 }, bare);
      });
      state.mixture.start.forEach((sum, j) => expect(sum).toBeCloseTo(sums[j] ?? NaN, 6));
    },
  );

  it.each([
    ['the canary', { canaryBad: 0, controlBad: 5, canary: 0, control: 100 }, bare],
    ['the control', { canaryBad: 5, controlBad: 0, canary: 100, control: 0 }, bare],
    [
      'the control, whatever split is usual',
      { canaryBad: 5, controlBad: 0, canary: 100, control: 0 },
      { ...bare, usual: { share: 0.1, requests: 300 } },
    ],
  ])('says nothing of a tick without requests to %s', (_, pair, rule) => {
    const before = startCounts();
    const after = stepCounts(before, pair, undefined, { atS: 1, lengthS: 1 }, rule);
    expect(after.mixture.start).toEqual(before.mixture.start);
  });
});

describe('the mixture over beginnings', () => {
  it('equals the average over every tick at which the harm may have begun', () => {
    const { gains, horizon, log } = vectors.late;
    let mixture = startMixture(1);
    gains.forEach((gain, i) => {
      mixture = stepMixture(mixture, [gain], onsetBy(i + 1, horizon) - onsetBy(i, horizon));
    });
    const late = Math.log(Math.exp(mixture.late[0] ?? NaN) + 1 - mixture.spent);
    expect(late).toBeCloseTo(log, 6);
  });

  it('gives out its prior once, and keeps some for a window of days', () => {
    expect(onsetBy(0, 3_600)).toBe(0);
    expect(onsetBy(3_600, 3_600)).toBeCloseTo(0.9, 12);
    expect(onsetBy(7 * 86_400, 3_600)).toBeLessThan(1);
    expect(onsetBy(7 * 86_400, 3_600) - onsetBy(6 * 86_400, 3_600)).toBeGreaterThan(1e-5);
  });
});

describe('a known rate', () => {
  it.each(vectors.knownRate)('sums the Poisson ratios that scipy gives for $events events', (known) => {
    const tick = { events: known.events, exposure: known.exposure };
    const rule = { rate: known.rate, marginRatio: 1.05, dispersion: 1, plannedS: 100 };
    const { mixture } = stepKnownRate(startKnownRate(), tick, { atS: 1, lengthS: 1 }, rule);
    mixture.start.forEach((sum, j) => expect(sum).toBeCloseTo(Math.max(-500, known.gains[j] ?? NaN), 6));
  });

  it.each(vectors.highestRate)('knows the highest rate behind $events events within half a per cent', (known) => {
    const ratio = highestRate(known.events, known.exposure) / known.rate;
    expect(Math.abs(ratio - 1)).toBeLessThan(known.events === 0 ? 0.02 : 0.005);
  });
});

describe('proof of safety', () => {
  it.each(vectors.safety)('equals the mixture of scipy for $bad of $total', ({ total, bad, log }) => {
    expect(safetyEvidence(stepSafety(startSafety(), { total, bad }, 0.01, 1))).toBeCloseTo(log, 6);
  });

  it('needs about ln(1 / β) / share requests without an error', () => {
    const at = (total: number) => safetyEvidence(stepSafety(startSafety(), { total, bad: 0 }, 0.01, 1));
    expect(at(250)).toBeLessThan(Math.log(20));
    expect(at(600)).toBeGreaterThan(Math.log(20));
  });
});

describe('the interval of the ratio', () => {
  it('holds the exact interval of a single look, and is not twice as wide in logarithms', () => {
    const sums = pairs(vectors.ratio.pairs).reduce((state, pair) => stepInterval(state, pair, 1), startInterval());
    const { low, high } = intervalOf(sums, 0.05);
    const [fixedLow = NaN, fixedHigh = NaN] = vectors.ratio.fisher;
    expect(low).toBeLessThan(fixedLow);
    expect(high).toBeGreaterThan(fixedHigh);
    expect(Math.log((high ?? Infinity) / low)).toBeLessThan(2.5 * Math.log(fixedHigh / fixedLow));
  });

  it('excludes nothing without evidence', () => {
    expect(intervalOf(startInterval(), 0.05)).toEqual({ low: 0, high: null });
  });
});

describe('the buckets of a tick', () => {
  it.each(vectors.buckets)('bring $nats nats, as the binomials of scipy do', (tick) => {
    const { canary, control, odds, slower, tolerated } = tick;
    const logs = slower.map((odd, b) => Math.log(odd / (tolerated[b] ?? NaN)));
    const tilted = { slower, tolerated, logs, natural: 0, mass: 0 };
    const total = control.reduce((sum, count) => sum + count, 0);
    expect(nats(tilted, canary, { control, total, odds })).toBeCloseTo(tick.nats, 6);
  });
});

describe('tilts', () => {
  it('bend between bounds as the monotone cubic of scipy', () => {
    const { bounds, slower, at, logits } = vectors.curve;
    const counts = slower.map((share, i) => 1e9 * ((slower[i - 1] ?? 1) - share));
    const shape = shapeOf([...counts, 1e9 * (slower.at(-1) ?? 0)], bounds);
    expect(shape).toBeDefined();
    if (shape !== undefined) at.forEach((x, i) => expect(logitAt(shape, Math.log(x))).toBeCloseTo(logits[i] ?? NaN, 4));
  });

  it('follow a slower log-normal distribution in every bucket that has requests', () => {
    const { bounds, histogram, factor, tilt } = vectors.tilt;
    const shape = shapeOf(histogram, bounds);
    expect(shape).toBeDefined();
    const got = shape === undefined ? [] : tiltOf(shape, { fromShare: 1, factor });
    histogram.forEach((count, b) => {
      if (count > 5_000) expect(Math.abs((got[b] ?? NaN) - (tilt[b] ?? NaN))).toBeLessThan(0.2);
    });
  });
});

describe('e-BH', () => {
  it('blames the metrics whose evidence suffices together, strongest first', () => {
    const log = Math.log;
    expect(blame({ a: log(350), b: log(180), c: log(90), d: 0 }, 0.01)).toEqual([]);
    expect(blame({ a: log(410), b: log(180), c: log(90), d: 0 }, 0.01)).toEqual(['a']);
    expect(blame({ a: log(210), b: log(205), c: log(90), d: 0 }, 0.01)).toEqual(['a', 'b']);
    expect(blame({ a: log(140), b: log(150), c: log(134), d: 0 }, 0.01)).toEqual(['b', 'a', 'c']);
  });
});
