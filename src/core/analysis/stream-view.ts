import type { EngineLimits } from './limits';
import { metricWeights } from './limits';
import { intervalOf } from './methods/interval';
import { evidenceOf } from './stream-decision';
import type { StreamState } from './stream-state';

/** What a person sees of one metric of a stream. */
export type MetricView = {
  readonly metric: keyof typeof metricWeights;
  /** The bet against the canary, which starts with 1, as a natural logarithm. */
  readonly logEvidence: number;
  /** Where this metric alone rolls back. */
  readonly logEvidenceNeeded: number;
  /** Errors only: the range of the ratio canary to control that holds at all looks; `high` null stands for infinity. */
  readonly interval?: { readonly low: number; readonly high: number | null };
};

/** The evidence of each metric of a stream, with the interval at 1 − `limits.alphaHold`. */
export function viewStream(state: StreamState, limits: EngineLimits): readonly MetricView[] {
  const evidence = evidenceOf(state);
  const view = (metric: MetricView['metric']): MetricView => ({
    metric,
    logEvidence: evidence[metric] ?? 0,
    logEvidenceNeeded: -Math.log(limits.alpha * metricWeights[metric]),
  });
  return [
    { ...view('errors'), interval: intervalOf(state.errors.interval, limits.alphaHold) },
    view('latency'),
    view('cpu'),
  ];
}
