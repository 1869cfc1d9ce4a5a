import { logAdd } from './rounding';
import { metricWeights, type EngineLimits } from './limits';
import { countEvidence, startCounts, stepCounts, type CountState, type Pair } from './methods/counts';
import type { ArmTick, StreamDecision, StreamMeta, StreamTick } from './stream';

/** All that a stream's judgement remembers from tick to tick: plain data. */
export type StreamState = { readonly atS: number; readonly errors: CountState };

export type StreamStep = {
  readonly state: StreamState;
  readonly decision: StreamDecision & { readonly culprits: readonly string[] };
};

export const startStream = (_meta: StreamMeta): StreamState => ({ atS: 0, errors: startCounts() });

const noArm: ArmTick = { n: 0, err: 0 };

const errorsOf = (canary: ArmTick, ...control: readonly ArmTick[]): Pair => ({
  canaryBad: canary.err,
  controlBad: control.reduce((sum, { err }) => sum + err, 0),
  canary: canary.n,
  control: control.reduce((sum, { n }) => sum + n, 0),
});

export function stepStream(before: StreamState, tick: StreamTick, meta: StreamMeta, limits: EngineLimits): StreamStep {
  const [canary, baseline, stable] = [tick.canary ?? noArm, tick.baseline ?? noArm, tick.stable ?? noArm];
  const time = { atS: tick.t, lengthS: Math.max(1e-3, tick.t - before.atS) };
  const plannedS = meta.tickS * meta.ticks;
  const rule = {
    marginRatio: limits.marginRatio,
    priorDispersion: 1.4,
    naturalSd: 0.27,
    naturalS: 134,
    plannedS,
  };
  const errors = stepCounts(before.errors, errorsOf(canary, baseline, stable), errorsOf(baseline, stable), time, rule);
  const total = logAdd(-1_000, countEvidence(errors) + Math.log(metricWeights.errors));
  const state = { atS: tick.t, errors };
  if (total >= -Math.log(limits.alpha))
    return { state, decision: { action: 'roll-back', reason: 'errors', metric: 'errors', culprits: ['errors'] } };
  return { state, decision: { action: 'hold', reason: 'too little evidence', culprits: [] } };
}
