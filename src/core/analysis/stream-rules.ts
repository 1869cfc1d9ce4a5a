import type { EngineLimits } from './limits';
import { moreEvents, type CountRule } from './methods/counts';
import type { LatencyRule } from './methods/latency';
import type { StreamMeta } from './stream';
import { tailNotDoubled } from './stream-state';

export const plannedS = (meta: StreamMeta): number => meta.tickS * meta.ticks;

/** Errors come in failed retries, and one group of instances differs from the next by a quarter for a minute or two. */
export const errorRule = (meta: StreamMeta, limits: EngineLimits): CountRule => ({
  marginRatio: limits.marginRatio,
  priorDispersion: 1.4,
  hasRetries: true,
  naturalSd: 0.2,
  naturalS: 134,
  usualRequests: 100,
  plannedS: plannedS(meta),
  alternatives: moreEvents,
});

/** Groups of instances differ by two per cent in speed for some minutes. */
export const latencyRule = (meta: StreamMeta, limits: EngineLimits): LatencyRule => ({
  bounds: meta.le,
  margins: { all: limits.marginLatency, tail: limits.marginTail },
  priorDispersion: 1.05,
  naturalSd: 0.022,
  naturalS: 285,
  plannedS: plannedS(meta),
});

/** The other way round: what is to be excluded is a tail twice as heavy as the control's. */
export const tailRule = (meta: StreamMeta): CountRule => ({
  marginRatio: 0.5,
  priorDispersion: 1.2,
  hasRetries: false,
  naturalSd: 0.08,
  naturalS: 285,
  usualRequests: 0,
  plannedS: plannedS(meta),
  alternatives: tailNotDoubled,
});
