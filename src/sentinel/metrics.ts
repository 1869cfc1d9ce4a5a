import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { SentinelStatus } from '../core/sentinel/messages';

const states = ['held', 'expired', 'ended'] as const;

/** What a sentinel tells Prometheus. */
export function createSentinelMetrics(status: () => SentinelStatus) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `spillway_sentinel_${name}`, help, labelNames, registers: [registry] });
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `spillway_sentinel_${name}`, help, labelNames, registers: [registry] });

  const writes = counter('writes_total', 'Splits written, by why: expired, above-ceiling, after-ending', [
    'target',
    'why',
  ]);
  const expiries = counter('expired_total', 'Leases that ran out while users were exposed', ['target']);
  const leases = gauge('lease', '1 for the state the lease of a target is in', ['target', 'state']);
  const age = gauge('last_look_age_seconds', 'Since the last look at all proxies of a target; -1 before the first', [
    'target',
  ]);
  const unreachable = gauge('unreachable_proxies', 'Proxies that did not answer at the last look', ['target']);
  const alarm = gauge('alarm', '1 when something is wrong that the sentinel may not write', ['target']);

  return {
    contentType: registry.contentType,
    written: (target: string, why: string): void => writes.inc({ target, why }),
    expired: (target: string): void => expiries.inc({ target }),
    render(): Promise<string> {
      for (const [target, each] of Object.entries(status().targets)) {
        for (const state of states) leases.set({ target, state }, each.lease?.state === state ? 1 : 0);
        age.set({ target }, each.lastLookAgeMs === null ? -1 : each.lastLookAgeMs / 1_000);
        unreachable.set({ target }, each.unreachable.length);
        alarm.set({ target }, each.alarm === undefined ? 0 : 1);
      }
      return registry.metrics();
    },
  };
}

export type SentinelMetrics = ReturnType<typeof createSentinelMetrics>;
