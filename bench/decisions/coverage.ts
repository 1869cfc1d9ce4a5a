import { createStreamJudge } from '../../src/core/analysis/judge-stream';
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
  for (let number = from; number < to; number += 1) {
    const stream = simulate(scenario, seed, number);
    const judge = createStreamJudge(metaOf(scenario), { alphaHold: alpha });
    let [low, high, missed] = [NaN, NaN, 0];
    for (let tick = 0; tick < scenario.ticks; tick += 1) {
      judge.step(streamTick(stream, tick));
      const interval = judge.metrics().find(({ metric }) => metric === 'errors')?.interval;
      low = interval?.low ?? NaN;
      high = interval === undefined ? NaN : (interval.high ?? Infinity);
      // No interval covers nothing.
      if (!(low <= scenario.errorRatio && scenario.errorRatio <= high)) missed += 1;
    }
    result.missed.push(missed);
    result.widths.push(high / low);
  }
  return result;
}
