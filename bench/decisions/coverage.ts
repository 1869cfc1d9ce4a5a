import { absorbTick } from '../../src/core/analysis/engine-tick';
import { defaultLimits } from '../../src/core/analysis/limits';
import { intervalOf } from '../../src/core/analysis/methods/interval';
import { startStream } from '../../src/core/analysis/stream-state';
import { metaOf, streamTick } from './spillway';
import type { Scenario } from './streams/scenario';
import { simulate } from './streams/simulate';

/** Streams whose true ratio of the canary's error rate to the others' is known and never changes: `errorRatio`. */
export type CoverageTask = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

/** One number a stream: looks at which the interval missed the truth, and the last interval's upper end over its lower one. */
export type CoverageResult = { readonly missed: number[]; readonly widths: number[] };

/** What an interval of 95 % may miss. */
const alpha = 0.05;

/** Looks at the interval of the error ratio at every tick, also after a rollback was due. */
export function runCoverage({ scenario, seed, from, to }: CoverageTask): CoverageResult {
  const result: CoverageResult = { missed: [], widths: [] };
  const meta = metaOf(scenario);
  for (let number = from; number < to; number += 1) {
    const stream = simulate(scenario, seed, number);
    let state = startStream(meta);
    let interval = intervalOf(state.errors.interval, alpha);
    let missed = 0;
    for (let tick = 0; tick < scenario.ticks; tick += 1) {
      state = absorbTick(state, streamTick(stream, tick), meta, defaultLimits).state;
      interval = intervalOf(state.errors.interval, alpha);
      const high = interval.high ?? Infinity;
      // Not a number covers nothing.
      if (!(interval.low <= scenario.errorRatio && scenario.errorRatio <= high)) missed += 1;
    }
    result.missed.push(missed);
    result.widths.push((interval.high ?? Infinity) / interval.low);
  }
  return result;
}
