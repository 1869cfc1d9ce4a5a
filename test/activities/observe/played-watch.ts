import { tickWatch, type TickResult, type WatchRules } from '../../../src/activities/observe/watch';
import { newWatch, type WatchState } from '../../../src/activities/observe/watch-state';
import { seededRandom } from '../../../src/core/seeded-random';
import type { ExposeStage } from '../../../src/core/plan/stages';
import type { Limit } from '../../../src/core/descriptor/limit';

export const stage = (canaryPercent: number, more: Partial<ExposeStage> = {}): ExposeStage => ({
  kind: 'expose',
  id: `expose-${canaryPercent}`,
  title: '',
  canaryPercent,
  bakeMs: 60_000,
  minRequests: 1,
  isFull: false,
  ...more,
});

export const rulesOf = (stages: readonly ExposeStage[], limit: Limit): WatchRules => ({
  roles: { baseline: 'blue', canary: 'green' },
  stages,
  metrics: [{ name: 'http-errors', guardrail: true, kind: 'proxy-errors', limit }],
  noData: { holdForMs: 600_000, then: 'roll-back' },
});

export type Played = TickResult & {
  readonly second: number;
  readonly stateBytes: number;
  /** Seconds at which the watch told to advance, in turn. */
  readonly advancedAtS: readonly number[];
};

/** What happens to one second's requests. */
export type Moment = {
  readonly baselineBad: number;
  readonly canaryBad: number;
  /** The canary's true share of the requests; the stage's when left out. */
  readonly canaryShare?: number;
};

/** Watches seeded traffic once a second: shares of bad answers a moment, whole stages in turn; the state goes through JSON each time. */
export function playWatch(
  rules: WatchRules,
  requestsPerSecond: number,
  seconds: number,
  momentAt: (second: number) => Moment,
  seed = 1,
): Played {
  const random = seededRandom(seed);
  const draw = (mean: number): number => {
    const whole = Math.floor(mean);
    return whole + (random() < mean - whole ? 1 : 0);
  };
  const bad = (requests: number, share: number): number =>
    Array.from({ length: requests }).filter(() => random() < share).length;
  const [blue, green] = [
    { requests: 0, bad: 0 },
    { requests: 0, bad: 0 },
  ];
  let state: WatchState = newWatch(0);
  let index = 0;
  const advancedAtS: number[] = [];
  for (let second = 0; ; second += 1) {
    const { canaryPercent } = rules.stages[index] ?? stage(100);
    const { baselineBad, canaryBad, canaryShare = canaryPercent / 100 } = momentAt(second);
    const canary = draw(requestsPerSecond * canaryShare);
    const baseline = Math.max(0, requestsPerSecond - canary);
    blue.requests += baseline;
    blue.bad += bad(baseline, baselineBad);
    green.requests += canary;
    green.bad += bad(canary, canaryBad);
    const split = {
      blue: { weight: 100 - canaryPercent, state: 'ready' as const },
      green: { weight: canaryPercent, state: 'ready' as const },
    };
    const traffic = { split, counters: { blue: { ...blue }, green: { ...green } }, sessions: { blue: 0, green: 0 } };
    const result = tickWatch(state, rules, {
      atMs: second * 1_000,
      elapsedMs: second === 0 ? 0 : 1_000,
      proxy: { kind: 'read', traffic: { ...traffic, down: [], resets: 0, processes: '1' } },
      begunIndex: index,
      others: {},
    });
    const json = JSON.stringify(result.state);
    state = JSON.parse(json) as WatchState;
    const isLast = index === rules.stages.length - 1;
    if (result.decision.action === 'advance') {
      advancedAtS.push(second);
      if (!isLast) index += 1;
    }
    const isOver = result.decision.action === 'roll-back' || (isLast && result.decision.action === 'advance');
    if (isOver || second === seconds) return { ...result, second, stateBytes: json.length, advancedAtS };
  }
}
