import type { Counts, EngineState, MetricState, Reading, Sample, StageTally, Tally } from './types';
import { addTally, expectedCanaryBad, noCounts, noTally, pushSlice, tellsSplit } from './windows';

const keptValues = 10;
/** Readings closer than this are the same measurement read again. */
const valueEveryMs = 1_000;
const comparableShare = 0.1;

const noStage: StageTally = { ...noTally, expectedCanaryBad: 0, open: noTally };
const emptyMetric: MetricState = { slices: [], stage: noStage, whole: noTally, values: [] };

/** The state of an engine that has seen nothing. */
export const startEngine = (): EngineState => ({ metrics: {} });

/**
 * The state with one more sample; a metric the sample does not name stays as it was and grows stale. While the baseline
 * is silent nothing is added to what a pass rests on: failures of the dead would excuse those of the canary.
 */
export function absorb(state: EngineState, sample: Sample, isBaselineSilent = false): EngineState {
  const metrics = { ...state.metrics };
  for (const [name, reading] of Object.entries(sample.readings)) {
    metrics[name] = absorbReading(metrics[name] ?? emptyMetric, reading, sample.atMs, isBaselineSilent);
  }
  return { metrics, lastAtMs: sample.atMs };
}

/**
 * The state at the start of a stage: sums of the stage begin again, windows go on. The baseline's rates are frozen if
 * the finished stage gave it at least a tenth of the traffic.
 */
export function beginStage(state: EngineState): EngineState {
  const metrics = Object.entries(state.metrics).map(([name, metric]) => {
    const { baseline, canary } = metric.stage;
    const isComparable = baseline.total > 0 && baseline.total >= comparableShare * (baseline.total + canary.total);
    return [name, { ...metric, stage: noStage, ...(isComparable && { frozen: baseline }) }] as const;
  });
  return { ...state, metrics: Object.fromEntries(metrics) };
}

function absorbReading(metric: MetricState, reading: Reading, atMs: number, isBaselineSilent: boolean): MetricState {
  const sound = soundReading(reading);
  switch (sound.kind) {
    case 'missing':
      return { ...metric, missing: { reason: sound.reason, detail: sound.detail.slice(0, 300) } };
    case 'value':
      return { ...withoutMissing(metric), ...nextValues(metric, sound.canary, atMs), lastGoodAtMs: atMs };
    case 'pair': {
      const { canary, baseline } = sound;
      if (typeof baseline !== 'number') return { ...metric, missing: baseline };
      return { ...withoutMissing(metric), pair: { baseline, canary }, lastGoodAtMs: atMs };
    }
    case 'counts':
      return absorbCounts(metric, sound, atMs, isBaselineSilent);
  }
}

/** A reading whose numbers are no numbers is missing evidence, not evidence. */
function soundReading(reading: Reading): Reading {
  const numbers = numbersOf(reading);
  const wrong = numbers.find((number) => !Number.isFinite(number) || (reading.kind === 'counts' && number < 0));
  return wrong === undefined ? reading : { kind: 'missing', reason: 'not-a-number', detail: `read ${wrong}` };
}

function numbersOf(reading: Reading): readonly number[] {
  switch (reading.kind) {
    case 'counts':
      return [reading.baseline.total, reading.baseline.bad, reading.canary.total, reading.canary.bad];
    case 'value':
      return [reading.canary];
    case 'pair':
      return [reading.canary, ...(typeof reading.baseline === 'number' ? [reading.baseline] : [])];
    case 'missing':
      return [];
  }
}

function withoutMissing(metric: MetricState): MetricState {
  const rest = { ...metric };
  delete rest.missing;
  return rest;
}

function nextValues(
  metric: MetricState,
  value: number,
  atMs: number,
): { readonly values: readonly number[]; readonly valueAtMs: number } {
  const { values, valueAtMs } = metric;
  const isSameMeasurement = valueAtMs !== undefined && atMs >= valueAtMs && atMs - valueAtMs < valueEveryMs;
  return isSameMeasurement
    ? { values: [...values.slice(0, -1), value], valueAtMs }
    : { values: [...values, value].slice(-keptValues), valueAtMs: atMs };
}

function absorbCounts(metric: MetricState, reading: Tally, atMs: number, isBaselineSilent: boolean): MetricState {
  const read: Tally = {
    baseline: { total: reading.baseline.total, bad: reading.baseline.bad },
    canary: { total: reading.canary.total, bad: reading.canary.bad },
  };
  const grown: Tally = metric.last === undefined ? noTally : growth(metric.last, read);
  const { baseline, canary } = grown;
  return {
    ...withoutMissing(metric),
    last: read,
    slices: pushSlice(metric.slices, [atMs, baseline.total, baseline.bad, canary.total, canary.bad]),
    stage: isBaselineSilent ? metric.stage : growStage(metric.stage, grown),
    ...(canary.bad > 0 ? { badLooks: (metric.badLooks ?? 0) + 1 } : {}),
    whole: addTally(metric.whole, isBaselineSilent ? { ...grown, baseline: noCounts } : grown),
    lastGoodAtMs: atMs,
  };
}

/** What was counted between two readings; a counter that fell was started again, so all it shows is new. */
export const growth = (before: Tally, after: Tally): Tally => ({
  baseline: countsGrowth(before.baseline, after.baseline),
  canary: countsGrowth(before.canary, after.canary),
});

const countsGrowth = (before: Counts, after: Counts): Counts => ({
  total: after.total < before.total ? after.total : after.total - before.total,
  bad: after.bad < before.bad ? after.bad : after.bad - before.bad,
});

function growStage(stage: StageTally, grown: Tally): StageTally {
  if (grown.baseline.total + grown.baseline.bad + grown.canary.total + grown.canary.bad === 0) return stage;
  const open = addTally(stage.open, grown);
  const isClosed = tellsSplit(open);
  return {
    ...addTally(stage, grown),
    expectedCanaryBad: stage.expectedCanaryBad + (isClosed ? expectedCanaryBad(open) : 0),
    open: isClosed ? { baseline: noCounts, canary: noCounts } : open,
  };
}
