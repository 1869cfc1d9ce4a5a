import { createStreamJudge } from '../../src/core/analysis/judge-stream';
import { metaOf, streamTick, type CreateJudge } from './spillway';
import type { Scenario } from './streams/scenario';
import { simulate } from './streams/simulate';

/** Streams whose true ratio of the canary's error rate to the others' is known and never changes: `errorRatio`. */
export type CoverageTask = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
};

/** One number a stream: looks at which the interval missed the truth, and looks at which there was an interval. */
export type CoverageResult = { readonly missed: number[]; readonly looks: number[] };

/** Looks at the interval of the error ratio at every tick, also after a rollback was due. */
export function runCoverage(
  { scenario, seed, from, to }: CoverageTask,
  createJudge: CreateJudge = createStreamJudge,
): CoverageResult {
  const result: CoverageResult = { missed: [], looks: [] };
  for (let number = from; number < to; number += 1) {
    const stream = simulate(scenario, seed, number);
    const judge = createJudge(metaOf(scenario));
    let [missed, looks] = [0, 0];
    for (let tick = 0; tick < scenario.ticks; tick += 1) {
      const interval = judge.step(streamTick(stream, tick)).intervals?.['errors'];
      if (interval === undefined) continue;
      looks += 1;
      if (scenario.errorRatio < interval.low || scenario.errorRatio > interval.high) missed += 1;
    }
    result.missed.push(missed);
    result.looks.push(looks);
  }
  return result;
}
