import type { BaselineLook } from '../../core/analysis/baseline';
import type { Slots } from '../../core/plan/effects';
import type { TrafficReading } from '../../ports/traffic';

/** What a reading says of the baseline; undefined while the proxy cannot be read, or proxies differ. */
export function lookAtBaseline(
  traffic: TrafficReading | undefined,
  { baseline, canary }: Slots,
  atMs: number,
): BaselineLook | undefined {
  if (traffic?.split === undefined) return undefined;
  const { counters, sessions, split, down } = traffic;
  const good = (slot: 'blue' | 'green'): number => counters[slot].requests - counters[slot].bad;
  return {
    atMs,
    good: good(baseline),
    bad: counters[baseline].bad,
    canaryGood: good(canary),
    sessions: sessions[baseline],
    isDown: down.includes(baseline),
    percent: split[baseline].state === 'ready' ? split[baseline].weight : 0,
  };
}
