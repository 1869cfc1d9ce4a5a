import { pairOf, together, type Arms, type Time } from './arms';
import type { EngineLimits } from './limits';
import { startChart, stepChart, type Chart, type ChartKind } from './methods/charts';
import { countDispersion, moreEvents, stepCounts, type CountState, type Pair } from './methods/counts';
import { stepInterval } from './methods/interval';
import { highestRate, stepKnownRate } from './methods/known-rate';
import { stepSafety } from './methods/safety';
import type { StreamMeta } from './stream';
import { errorRule, plannedS } from './stream-rules';
import type { ErrorsState } from './stream-state';

/** The chart with one more tick; another kind than before begins anew. */
function chartOf(before: ErrorsState, after: CountState, pair: Pair, dispersion: number, kind: ChartKind): Chart {
  const chart = before.chart.kind === kind ? before.chart : startChart(kind, moreEvents);
  return stepChart(chart, {
    gains: after.mixture.start.map((sum, j) => sum - (before.counts.mixture.start[j] ?? 0)),
    own: pair.canaryBad,
    events: pair.canaryBad + pair.controlBad,
    share: after.share,
    dispersion,
  });
}

/** What is known of the errors after one more tick. */
export function stepErrors(
  before: ErrorsState,
  arms: Arms,
  time: Time,
  meta: StreamMeta,
  limits: EngineLimits,
): ErrorsState {
  const rule = errorRule(meta, limits);
  const control = together(arms.baseline, arms.stable);
  const pair = pairOf(arms.canary, control);
  const dispersion = countDispersion(before.counts, rule, time.lengthS);
  const counts = stepCounts(before.counts, pair, pairOf(arms.baseline, arms.stable), time, rule);
  const chart =
    time.atS > rule.plannedS ? chartOf(before, counts, pair, dispersion, limits.chart ?? 'e-detector') : before.chart;
  const safe = stepSafety(before.safe, { total: arms.canary.n, bad: arms.canary.err }, limits.safeShare, dispersion);
  if (control.n > 0 || before.record.exposure === 0) {
    const record = {
      events: before.record.events + control.err,
      exposure: before.record.exposure + control.n,
    };
    return { ...before, counts, chart, safe, record, interval: stepInterval(before.interval, pair, dispersion) };
  }
  const known = stepKnownRate(before.known, { events: arms.canary.err, exposure: arms.canary.n }, time, {
    rate: highestRate(before.record.events, before.record.exposure),
    marginRatio: limits.marginRatio,
    dispersion,
    plannedS: plannedS(meta),
  });
  return { ...before, counts, chart, safe, known };
}
