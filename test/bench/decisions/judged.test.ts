import { harmedUntil, runCell, spillway, summarise } from '../../../bench/decisions/cell';
import { createCells } from '../../../bench/decisions/cells';
import { allowed } from '../../../bench/decisions/measures/measure';
import { readOptions } from '../../../bench/decisions/options';
import { startPool } from '../../../bench/decisions/pool';
import { cleanRows, coverageRows, errorRows, latencyRows } from '../../../bench/decisions/rows';
import { judgeStream, type CreateJudge } from '../../../bench/decisions/spillway';
import { scenario, titleOf } from '../../../bench/decisions/streams/scenario';
import { simulate } from '../../../bench/decisions/streams/simulate';
import type { HoldCause } from '../../../src/core/analysis/stream';
import { upperBound } from '../../../bench/decisions/upper-bound';

const quick = { ticks: 8, name: 'quick', rps: 50 };
const bad = scenario({ ...quick, kind: 'bad', canaryErrors: 0.5, onsetS: 60 });

/** A judge that says what it is told, tick by tick, and holds when it has said everything. */
const saying =
  (...said: readonly (HoldCause | 'advance' | 'roll-back')[]): CreateJudge =>
  () => {
    let looks = 0;
    return {
      step() {
        const next = said[looks] ?? 'unproved';
        looks += 1;
        if (next === 'roll-back')
          return { action: 'roll-back', metric: 'errors', reason: 'errors: harm', culprits: ['errors'] };
        if (next === 'advance') return { action: 'advance', reason: 'proved safe', culprits: [] };
        return { action: 'hold', why: next, reason: `held: ${next}`, culprits: [] };
      },
    };
  };

describe('what a judge said of a stream', () => {
  it('is noted at the end of the tick in which it was first said', () => {
    const judge = saying('unproved', 'split', 'advance', 'split', 'roll-back', 'advance');
    expect(judgeStream(simulate(bad, 1, 0), judge)).toEqual({
      rollsBackAtS: 75,
      culprits: ['errors'],
      holdsForSplitAtS: 30,
      advancesAtS: 45,
    });
  });

  it('is never, where it was not said', () => {
    expect(judgeStream(simulate(bad, 1, 0), saying())).toMatchObject({ rollsBackAtS: -1, holdsForSplitAtS: -1 });
  });

  it('gives it every arm with its buckets, and the plan of the stream', () => {
    const stream = simulate(bad, 1, 0);
    const create: CreateJudge = (meta) => {
      expect(meta).toMatchObject({ tickS: 15, ticks: 8, share: { canary: 0.1, baseline: 0.1, stable: 0.8 } });
      return {
        step({ t, canary, stable }) {
          const tick = t / 15 - 1;
          expect(canary).toMatchObject({ n: stream.canary.n[tick], err: stream.canary.err[tick] });
          expect(stable?.buckets?.reduce((sum, count) => sum + count, 0)).toBe(stable?.n);
          expect(stable?.buckets).toHaveLength(meta.le.length + 1);
          return { action: 'hold', why: 'unproved', reason: 'waits', culprits: [] };
        },
      };
    };
    judgeStream(stream, create);
  });
});

describe('harm', () => {
  const stream = simulate(bad, 1, 0);
  const served = (from: number, to: number): number =>
    stream.canary.n.subarray(from, to).reduce((sum, count) => sum + count, 0);

  it('runs from the onset to the rollback, and to the end where it came before the onset or never', () => {
    expect(harmedUntil(stream, 90)).toBeCloseTo(0.499 * served(4, 6), 6);
    expect(harmedUntil(stream, -1)).toBeCloseTo(0.499 * served(4, 8), 6);
    expect(harmedUntil(stream, 45)).toBeCloseTo(0.499 * served(4, 8), 6);
  });

  it('of several streams is told with the median delay of all of them', () => {
    const answers = { atS: [90, -1, 75, 30], harmed: [2, 4, 1, 5] };
    expect(summarise(answers, 60)).toEqual({ rolledBack: 0.75, found: 0.5, medianDelayS: 30, meanHarmed: 3 });
    expect(summarise({ atS: [-1, 90, -1], harmed: [0, 0, 0] }, 0).medianDelayS).toBe(Infinity);
  });
});

describe('cells', () => {
  it('answer from threads as they do in place, whatever the parts', async () => {
    const pool = startPool(2);
    try {
      const cells = createCells(pool, { seed: 3, streams: 100, say: () => undefined });
      const answered = await cells.run(bad);
      expect(answered).toEqual(runCell({ scenario: bad, seed: 3, from: 0, to: 100, judges: 'all' }));
      expect(answered.rules[spillway]?.atS).toHaveLength(100);
      expect(await cells.run(bad)).toBe(answered);
    } finally {
      await pool.close();
    }
  });

  it('have names of their own', () => {
    const titles = [...cleanRows, ...errorRows, ...latencyRows].map(titleOf);
    expect(new Set(titles).size).toBe(titles.length);
    expect(coverageRows.every(({ canaryErrors }) => canaryErrors === 0.001)).toBe(true);
  });
});

describe('bars on rare events', () => {
  it.each([
    [0.0083, 10_000, 83],
    [0.001, 10_000, 10],
    [0.0083, 1_000, 8],
    [0.001, 200, 1],
  ])('%d of %d streams allow %d', (share, streams, most) => expect(allowed(share, streams)).toBe(most));

  it('keep the upper bound at one per cent', () => {
    expect(upperBound(83, 10_000)).toBeLessThanOrEqual(0.01);
    expect(upperBound(84, 10_000)).toBeGreaterThan(0.01);
  });
});

describe('options of the decision benchmark', () => {
  it('keep the seed, and have the bars as defaults', () => {
    expect(readOptions(['--seed', '7'], ['errors'])).toMatchObject({ seed: 7, streams: 10_000, only: ['errors'] });
  });

  it.each([
    [['--only', 'speed'], 'it knows errors'],
    [['--streams', '3'], '--streams is a whole number from 100'],
  ])('%j are refused in plain words', (args, words) => {
    expect(() => readOptions(args, ['errors'])).toThrow(words);
  });
});
