import { tickWatch, type ProxyReading, type WatchRules } from '../../activities/observe/watch';
import { newWatch, type WatchState } from '../../activities/observe/watch-state';
import type { Decision } from '../../core/analysis/types';
import type { Slots } from '../../core/plan/effects';
import type { ExposeStage } from '../../core/plan/stages';
import type { Stretch } from '../../adapters/metrics/prometheus-history';
import type { Clock } from './history-port';
import type { StableReader } from './stable-reader';

/** What a release of nothing new would have come to. */
export type PlayedRelease = {
  readonly outcome: 'promoted' | 'rolled-back' | 'held' | 'no-data';
  /** Where it ended, and when. */
  readonly stage: string;
  readonly atMs: number;
  readonly reason: string;
  readonly metric?: string;
  /** Looks at which a metric had no data, of all looks. */
  readonly blindLooks: number;
  readonly looks: number;
};

const nobody = { requests: 0, bad: 0 };

/** A proxy that does as it is told; its counters are not in Prometheus and judge nothing here. */
function obedientProxy({ canary, baseline }: Slots, { canaryPercent }: ExposeStage): ProxyReading {
  const at = (weight: number) => ({ weight, state: 'ready' }) as const;
  const weights = { [canary]: at(canaryPercent), [baseline]: at(100 - canaryPercent) };
  const { blue = at(0), green = at(0) } = weights;
  return {
    kind: 'read',
    traffic: {
      split: { blue, green },
      counters: { blue: nobody, green: nobody },
      sessions: { blue: 0, green: 0 },
      down: [],
      resets: 0,
      processes: 'history',
    },
  };
}

/** Plays the plan's exposure over a stretch of history with the code of the live watch, one look a scrape. */
export async function playRelease(
  reader: StableReader,
  rules: WatchRules,
  { clock, stretch, stepMs }: { readonly clock: Clock; readonly stretch: Stretch; readonly stepMs: number },
): Promise<PlayedRelease> {
  let state: WatchState = newWatch(0);
  let [index, looks, blindLooks] = [0, 0, 0];
  let last: Decision = { action: 'hold', why: 'evidence', reason: 'the stretch is too short for one look' };
  const end = (outcome: PlayedRelease['outcome'], metric?: string): PlayedRelease => ({
    outcome,
    stage: rules.stages[index]?.id ?? '',
    atMs: clock.nowMs,
    reason: last.reason,
    blindLooks,
    looks,
    ...(metric === undefined ? {} : { metric }),
  });
  for (let atMs = stretch.fromMs; atMs <= stretch.toMs; atMs += stepMs) {
    const stage = rules.stages[index];
    if (stage === undefined) throw new Error(`no exposure stage ${index}`);
    clock.nowMs = atMs;
    const others = await reader.read(stage.canaryPercent);
    const proxy = obedientProxy(rules.roles, stage);
    const elapsedMs = atMs === stretch.fromMs ? 0 : stepMs;
    const result = tickWatch(state, rules, { atMs, elapsedMs, begunIndex: index, proxy, others });
    [state, last, looks] = [result.state, result.decision, looks + 1];
    if (result.verdicts.some(({ missing }) => missing !== undefined)) blindLooks += 1;
    if (last.action === 'roll-back') {
      // The plan may also turn back because data was missing for long: that is no wolf cried.
      const isBroken = result.verdicts.some(({ value, guardrail }) => value === 'fail' && guardrail);
      return end(isBroken ? 'rolled-back' : 'no-data', last.metric);
    }
    if (last.action !== 'advance') continue;
    if (index === rules.stages.length - 1) return end('promoted');
    index += 1;
  }
  return end(last.action === 'hold' && last.why === 'no-data' ? 'no-data' : 'held');
}
