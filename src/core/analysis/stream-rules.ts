import type { EngineLimits } from './limits';
import { moreEvents, type CountRule } from './methods/counts';
import type { LatencyRule } from './methods/latency';
import type { StreamMeta } from './stream';
import { tailNotDoubled } from './stream-state';

export const plannedS = (meta: StreamMeta): number => meta.tickS * meta.ticks;

/** Routers deal requests out evenly, so the declared split is as good as that many requests' worth of counting. */
const usualRequests = 300;

/**
 * Errors come in failed retries, and one group of instances differs from the next by a quarter for a minute or two. `own` and `other`
 * are the declared shares of the two sides.
 */
const countRule = (meta: StreamMeta, limits: EngineLimits, own: number, other: number): CountRule => ({
  marginRatio: limits.marginRatio,
  priorDispersion: 1.4,
  hasRetries: true,
  naturalSd: 0.27,
  naturalS: 134,
  usual: { share: own / Math.max(1e-9, own + other), requests: usualRequests },
  plannedS: plannedS(meta),
  alternatives: moreEvents,
});

export const errorRule = (meta: StreamMeta, limits: EngineLimits): CountRule =>
  countRule(meta, limits, meta.share.canary, meta.share.baseline + meta.share.stable);

/** The same for the two healthy arms among themselves. */
export const placeboRule = (meta: StreamMeta, limits: EngineLimits): CountRule =>
  countRule(meta, limits, meta.share.baseline, meta.share.stable);

/** Groups of instances differ by two or three per cent in speed for some minutes. */
export const latencyRule = (meta: StreamMeta, limits: EngineLimits): LatencyRule => ({
  bounds: meta.le,
  margins: { all: limits.marginLatency, tail: limits.marginTail },
  priorDispersion: 1.05,
  naturalSd: 0.026,
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
  plannedS: plannedS(meta),
  alternatives: tailNotDoubled,
});
