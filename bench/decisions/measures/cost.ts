import { createStreamJudge } from '../../../src/core/analysis/judge-stream';
import { metricWeights } from '../../../src/core/analysis/limits';
import { metaOf, streamTick } from '../spillway';
import { scenario } from '../streams/scenario';
import { simulate } from '../streams/simulate';
import type { Measure } from './measure';

const leastPerSecond = 20_000;
const mostStateBytes = 2_048;
const measuredMs = 3_000;

const clean = scenario({ name: 'clean', rps: 500 });

/** Guardrails alone: the tests of the split and of the comparison come on top, and their state is counted too. */
const metrics = Object.keys(metricWeights).length;

/** Time of the judge alone, on one core, and the size of what it remembers at the end of an hour. */
export const cost: Measure = {
  name: 'cost',
  run({ seed }) {
    const streams = Array.from({ length: 20 }, (_, number) => {
      const stream = simulate(clean, seed, number);
      return Array.from({ length: clean.ticks }, (__, tick) => streamTick(stream, tick));
    });
    let [steps, spentMs, stateBytes] = [0, 0, 0];
    // The first round warms up.
    for (let round = -1; round < 0 || spentMs < measuredMs; round += 1)
      for (const stream of streams) {
        const judge = createStreamJudge(metaOf(clean));
        const startedMs = performance.now();
        for (const tick of stream) judge.step(tick);
        if (round < 0) {
          stateBytes = Math.max(stateBytes, Buffer.byteLength(JSON.stringify(judge.state())));
        } else {
          spentMs += performance.now() - startedMs;
          steps += stream.length;
        }
      }
    const perSecond = (1_000 * steps * metrics) / spentMs;
    const perMetric = stateBytes / metrics;
    return Promise.resolve({
      figures: {
        metricTicksPerSecond: Math.round(perSecond),
        metrics,
        stateBytes,
        ticksPerSecond: Math.round((1_000 * steps) / spentMs),
      },
      rows: [
        {
          what: `metric-ticks a second on one core (${metrics} metrics a tick)`,
          measured: String(Math.round(perSecond)),
          bar: `≥ ${leastPerSecond}`,
          isMet: perSecond >= leastPerSecond,
        },
        {
          what: 'state a metric after an hour',
          measured: `${Math.ceil(perMetric)} bytes`,
          bar: `≤ ${mostStateBytes} bytes`,
          isMet: perMetric <= mostStateBytes,
        },
      ],
    });
  },
};
