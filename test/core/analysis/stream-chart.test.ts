import { createStreamJudge } from '../../../src/core/analysis/judge-stream';
import { chartKinds } from '../../../src/core/analysis/methods/charts';
import { readLimits } from '../../../src/cli/limit-options';
import { meta, randomStream } from './random-stream';

/** The planned time is over after a quarter of the stream; a false alarm may come once in five days of its ticks. */
const planned = { ...meta, ticks: 20 };
const chartDays = 5;

describe.each(chartKinds)('the chart after the planned time: %s', (chart) => {
  const causes = (canaryErrors: number): ReadonlySet<string> => {
    // No evidence is enough to roll back here, so that what the chart says is seen.
    const judge = createStreamJudge(planned, { chart, chartDays, alpha: 1e-30, alphaHold: 1e-30 });
    const healthy = randomStream(41, { errors: 0.01 }).slice(0, planned.ticks);
    const later = randomStream(42, { errors: 0.01, canaryErrors }).slice(planned.ticks);
    const decisions = [...healthy, ...later].map((tick) => judge.step(tick));
    return new Set(decisions.flatMap((decision) => (decision.action === 'hold' ? [decision.why] : [])));
  };

  it('holds once the errors change', () => {
    expect(causes(0.08)).toContain('chart');
  });

  it('says nothing while they do not', () => {
    expect(causes(0.01)).not.toContain('chart');
  });

  it('is kept through JSON', () => {
    const judge = createStreamJudge(planned, { chart });
    randomStream(43, { errors: 0.01 }).forEach((tick) => judge.step(tick));
    const state = judge.state();
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(JSON.stringify(state)).toContain(`"kind":"${chart}"`);
  });
});

describe('the chart as an option', () => {
  it.each(chartKinds)('reads %s', (chart) => {
    expect(readLimits({ chart })).toEqual({ chart });
  });

  it('refuses another name', () => {
    expect(() => readLimits({ chart: 'shewhart' })).toThrow('--chart wants e-detector, cusum, ewma');
  });
});
