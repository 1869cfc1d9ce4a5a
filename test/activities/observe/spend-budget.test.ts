import { tickWatch, type Tick, type WatchRules } from '../../../src/activities/observe/watch';
import { newWatch, type WatchState } from '../../../src/activities/observe/watch-state';
import type { TrafficReading } from '../../../src/ports/traffic';

const roles = { baseline: 'blue', canary: 'green' } as const;
const rules: WatchRules = {
  roles,
  stages: [
    {
      kind: 'expose',
      id: 'expose-10',
      title: '',
      canaryPercent: 10,
      bakeMs: 0,
      minRequests: 1,
      isFull: false,
      maxUserMinutes: 100,
    },
  ],
  metrics: [{ name: 'http-errors', guardrail: true, kind: 'proxy-errors', limit: { kind: 'absolute', share: 0.9 } }],
  noData: { holdForMs: 60_000, then: 'roll-back' },
};

const traffic = (seconds: number, canaryBad: number): TrafficReading => ({
  processes: '1',
  split: { blue: { weight: 90, state: 'ready' }, green: { weight: 10, state: 'ready' } },
  counters: { blue: { requests: 900 * seconds, bad: 0 }, green: { requests: 100 * seconds, bad: canaryBad } },
  sessions: { blue: 0, green: 0 },
  down: [],
  resets: 0,
});

/** Looks once a second while so many answers of the canary are bad in each. */
function play(budget: WatchRules['budget'], seconds: number, badASecond: number) {
  let state: WatchState = newWatch(0);
  for (let second = 0; ; second += 1) {
    const reading = traffic(second, badASecond * second);
    const tick: Tick = {
      atMs: second * 1_000,
      elapsedMs: second === 0 ? 0 : 1_000,
      proxy: { kind: 'read', traffic: reading },
      begunIndex: 0,
      others: {},
    };
    const result = tickWatch(state, { ...rules, budget }, tick);
    state = JSON.parse(JSON.stringify(result.state)) as WatchState;
    if (second === seconds || result.decision.action === 'roll-back') return { second, ...result };
  }
}

it('advances a canary within its budgets', () => {
  const { decision } = play({ allowedShare: 0.01, maxExcessErrors: 50, users: 6_000 }, 5, 1);
  expect(decision).toMatchObject({ action: 'advance' });
});

it('turns back when the excess errors are spent, though the limit of the guardrail is not broken', () => {
  const { second, decision } = play({ maxExcessErrors: 50 }, 60, 10);
  expect(second).toBe(5);
  expect(decision).toMatchObject({ action: 'roll-back', metric: 'error-budget' });
});

it('turns back before the stage has put more user-minutes at risk than it declares', () => {
  const { second, decision } = play({ users: 6_000 }, 60, 0);
  expect(second).toBe(8);
  expect(decision).toMatchObject({ action: 'roll-back', metric: 'blast-radius' });
});

it('keeps no account where the plan bounds nothing', () => {
  expect(play(undefined, 60, 0).state).not.toHaveProperty('budget');
});
