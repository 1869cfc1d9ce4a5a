import type { Plan } from '../../src/core/plan/plan';
import type { Target } from './activities/model';
import type { Fate, WorkerChaos } from './activities/fate';
import type { Random } from './random';
import type { ServerChaos } from './server/setting';
import type { Evidence } from './activities/watcher';

const minute = 60_000;
const hour = 60 * minute;
const targets: readonly Target[] = ['proxy', 'deployer', 'database', 'configuration', 'flags', 'store'];

type Outage = { readonly target: Target; readonly fromMs: number; readonly toMs: number };

export type Chaos = ServerChaos &
  WorkerChaos & {
    /** When every fault has stopped. */
    readonly calmAtMs: number;
    readonly evidence: Evidence;
    readonly incidents: readonly {
      readonly atMs: number;
      readonly kind: 'workers killed' | 'workers frozen' | 'split lost' | 'second controller' | 'flag changed';
      readonly ms: number;
    }[];
  };

/** Everything that goes wrong in one release, drawn from its seed. */
export function drawChaos(random: Random, plan: Plan, startMs: number, nowMs: () => number): Chaos {
  const isCalm = random.chance(0.15);
  const calmAtMs = isCalm ? startMs : startMs + random.spread(minute, 12 * hour);
  const faultShare = random.pick([0, 0.02, 0.08, 0.25]);
  const lossShare = random.pick([0, 0, 0.03, 0.15]);
  const kinds = random.pick<readonly Fate['kind'][]>([
    ['dies', 'freezes', 'unavailable', 'refused'],
    ['freezes'],
    ['dies', 'unavailable'],
    ['freezes', 'unavailable'],
  ]);
  const isSlow = random.chance(0.2);
  const outages: Outage[] = [];
  const moment = (): number => startMs + random.spread(1, calmAtMs - startMs + 1);
  if (!isCalm)
    for (let count = random.whole(0, 2); count > 0; count -= 1) {
      const fromMs = moment();
      outages.push({
        target: random.pick(targets),
        fromMs,
        toMs: Math.min(calmAtMs, fromMs + random.spread(1_000, hour)),
      });
    }
  const incidents = isCalm
    ? []
    : Array.from({ length: random.pick([0, 0, 1, 1, 2, 3]) }, () => ({
        atMs: moment(),
        kind: random.pick([
          'workers killed',
          'workers frozen',
          'split lost',
          'second controller',
          'flag changed',
        ] as const),
        ms: random.spread(100, hour),
      }));
  const isWorldBad = random.chance(0.05);
  const failing = { checks: random.chance(0.04), data: random.chance(0.04), start: random.chance(0.04) };
  const isHistoryGone = random.chance(0.3);
  const badFromMs = random.chance(0.35) ? startMs + random.spread(1_000, 4 * hour) : Infinity;
  const late = new Map(plan.stages.map(({ id }) => [id, random.chance(0.2) ? random.spread(1_000, hour) : 0] as const));
  const gaps = Array.from({ length: random.pick([0, 0, 0, 1, 2]) }, () => {
    const fromMs = startMs + random.spread(1_000, 3 * hour);
    return { fromMs, toMs: fromMs + random.spread(1_000, 20 * minute), rollsBack: random.chance(0.2) };
  });
  const historyLimit = random.pick([Infinity, Infinity, 20, 40, 70]);
  const isStormy = (): boolean => nowMs() < calmAtMs;

  return {
    calmAtMs,
    incidents,
    evidence: { badFromMs, lateMs: (stageId) => late.get(stageId) ?? 0, gaps },
    taskDelayMs: () => (random.chance(0.9) ? random.whole(0, 3) : random.whole(0, 300)),
    queueMs: () => (random.chance(0.9) ? random.whole(0, 5) : random.whole(0, isSlow ? 5_000 : 200)),
    cancelHeardMs: () => random.whole(0, 500),
    losesTask: () => isStormy() && random.chance(lossShare),
    historyLimit: () => (historyLimit === Infinity ? Infinity : random.whole(historyLimit, 2 * historyLimit)),
    latencyMs: () => (random.chance(0.85) ? random.whole(0, 8) : random.spread(5, isSlow && isStormy() ? 40_000 : 800)),
    fateAt(target): Fate {
      if (!isStormy()) return { kind: 'goes-on' };
      if (outages.some((its) => its.target === target && its.fromMs <= nowMs() && nowMs() < its.toMs))
        return { kind: random.chance(0.95) ? 'unavailable' : 'refused' };
      if (!random.chance(faultShare)) return { kind: 'goes-on' };
      const kind = random.pick(kinds);
      // A refusal is an answer, and most faults are none.
      if (kind === 'refused' && random.chance(0.6)) return { kind: 'unavailable' };
      return kind === 'freezes' ? { kind, ms: random.spread(500, 3 * hour) } : { kind };
    },
    fails: (what) => ({ ...failing, preflight: isWorldBad, history: isHistoryGone })[what],
  };
}
