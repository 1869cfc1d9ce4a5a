import { tickWatch, type ProxyReading, type Tick } from '../../../src/activities/observe/watch';
import { newWatch, type WatchState } from '../../../src/activities/observe/watch-state';
import type { LeakReading } from '../../../src/core/cohorts/leak';
import { without } from '../../../src/core/without';
import type { Split } from '../../../src/ports/traffic';
import { rulesOf, stage } from './played-watch';

const cohort = stage(0, { id: 'expose-early-100', cohorts: [{ member: 'tenant/t0', canaryPercent: 100 }] });
const everybody = stage(25, { cohorts: cohort.cohorts ?? [] });

describe('a look at a stage that exposes cohorts alone', () => {
  const shown = (members: Split['members']): ProxyReading => ({
    kind: 'read',
    traffic: {
      split: {
        blue: { weight: 100, state: 'ready' },
        green: { weight: 0, state: 'ready' },
        ...(members === undefined ? {} : { members }),
      },
      counters: { blue: { requests: 9_000, bad: 0 }, green: { requests: 9_000, bad: 0 } },
      sessions: { blue: 0, green: 0 },
      down: [],
      resets: 0,
      processes: '1',
    },
  });
  const members = { 'tenant/t0': { blue: 0, green: 100 } };
  const read = shown(members);
  const differing: ProxyReading =
    read.kind === 'read'
      ? { kind: 'read', traffic: { ...without(read.traffic, 'split'), disagreement: 'a; b' } }
      : read;
  const rules = rulesOf([cohort, everybody], { kind: 'absolute', share: 0.05 });
  const look = (state: WatchState, atMs: number, more: Partial<Tick>) =>
    tickWatch(state, rules, { atMs, elapsedMs: 1_000, begunIndex: 0, others: {}, proxy: shown(members), ...more });
  const clean: LeakReading = { stageIndex: 0, kind: 'clean', members: 24 };
  const unknown: LeakReading = { stageIndex: 0, kind: 'unknown', detail: 'no connection' };
  /** The bake is long served, and the probe says this all the while. */
  function baked(leak: LeakReading): WatchState {
    let state = newWatch(0);
    for (let second = 0; second <= 70; second += 1) {
      const counts = { requests: 100 * second, bad: 0 };
      const proxy = shown(members);
      if (proxy.kind === 'read')
        state = look(state, second * 1_000, {
          proxy: { kind: 'read', traffic: { ...proxy.traffic, counters: { blue: counts, green: counts } } },
          leak,
        }).state;
    }
    return state;
  }

  it('advances when the probe is clean, so that what follows could fail', () => {
    expect(look(baked(clean), 71_000, { leak: clean }).decision.action).toBe('advance');
  });

  const leak: LeakReading = { stageIndex: 0, kind: 'leak', who: 'tenant/t7' };
  const foreign = { ...members, 'tenant/t7': { blue: 0, green: 100 } };

  it.each([
    ['the proxy shows the stage', shown(members), 'roll-back'],
    ['the proxy shows what another hand wrote', shown(foreign), 'roll-back'],
    ['the proxies differ, as they do in the middle of a step', differing, 'hold'],
  ])('turns back by a leak while %s', (_, proxy, action) => {
    expect(look(baked(clean), 71_000, { leak, proxy }).decision.action).toBe(action);
  });

  it.each([
    ['the probe does not know', { leak: unknown }],
    ['the probe has not said anything', {}],
    ['the probe was for another stage', { leak: { ...clean, stageIndex: 1 } }],
    ['the proxy shows other members just then', { leak: clean, proxy: shown(undefined) }],
    ['the probe does not know, and the proxy shows other members', { leak: unknown, proxy: shown(undefined) }],
  ])('does not advance while %s', (_, more) => {
    expect(look(baked(clean), 71_000, more).decision.action).toBe('hold');
  });

  it('keeps the deadline of a probe that does not know, whatever the proxy shows', () => {
    const state = baked(unknown);
    expect(state.missingSinceMs).toBeDefined();
    const { state: next } = look(state, 71_000, { leak: unknown, proxy: shown(undefined) });
    expect(next.missingSinceMs).toBe(state.missingSinceMs);
  });
});
