import { followSplit, newWatch, type WatchState } from '../../../src/activities/observe/watch-state';
import type { ExposeStage } from '../../../src/core/plan/stages';
import type { Split } from '../../../src/ports/traffic';

const stage = (canaryPercent: number, isFull = false): ExposeStage => ({
  kind: 'expose',
  id: isFull ? 'expose-full' : `expose-${canaryPercent}`,
  title: `${canaryPercent} %`,
  canaryPercent,
  bakeMs: 1_000,
  minRequests: 10,
  isFull,
});
const stages = [stage(5), stage(25), stage(99, true)];
const roles = { baseline: 'blue', canary: 'green' } as const;
const split = (percent: number, state: 'ready' | 'maint' = 'ready'): Split => ({
  blue: { weight: 100 - percent, state: 'ready' },
  green: { weight: percent, state },
});
const at = (stageIndex: number, bakedMs = 400): WatchState => ({
  ...newWatch(stageIndex),
  isReached: true,
  bakedMs,
  processes: '1@1',
});

test.each<[string, WatchState, Split, { stageIndex: number; bakedMs: number; reading: string }]>([
  [
    'waits while the first shift has not landed',
    newWatch(0),
    split(0),
    { stageIndex: 0, bakedMs: 0, reading: 'not-yet' },
  ],
  [
    'begins the bake when the weight is read back',
    newWatch(0),
    split(5),
    { stageIndex: 0, bakedMs: 0, reading: 'as-wanted' },
  ],
  ['bakes while the weight stays', at(0), split(5), { stageIndex: 0, bakedMs: 450, reading: 'as-wanted' }],
  ['begins the next stage by its weight', at(0), split(25), { stageIndex: 1, bakedMs: 0, reading: 'as-wanted' }],
  [
    'takes rounded weights for the wanted ones',
    at(0),
    split(5.1),
    { stageIndex: 0, bakedMs: 450, reading: 'as-wanted' },
  ],
  [
    'takes the weight of a stage that nobody began for too far',
    at(1),
    split(99),
    { stageIndex: 1, bakedMs: 400, reading: 'too-far' },
  ],
  ['notices lost weights and stops the clock', at(1), split(10), { stageIndex: 1, bakedMs: 400, reading: 'lost' }],
  [
    'takes a slot in maint for taken out, whatever its weight',
    at(1),
    split(25, 'maint'),
    { stageIndex: 1, bakedMs: 400, reading: 'taken-out' },
  ],
  [
    'takes a share of nothing for taken out too',
    at(1),
    split(0),
    { stageIndex: 1, bakedMs: 400, reading: 'taken-out' },
  ],
  [
    'takes it for lost where the proxy restarted',
    { ...at(1), processes: '1@0' },
    split(0, 'maint'),
    { stageIndex: 1, bakedMs: 400, reading: 'lost' },
  ],
  ['never goes back to an earlier stage', at(1), split(5), { stageIndex: 1, bakedMs: 400, reading: 'lost' }],
  [
    'stays through promotion',
    at(2),
    { blue: { weight: 0, state: 'maint' }, green: { weight: 100, state: 'ready' } },
    { stageIndex: 2, bakedMs: 450, reading: 'as-wanted' },
  ],
])('%s', (_fact, state, seen, wanted) => {
  const found = followSplit(state, stages, roles, { split: seen, processes: '1@1', begunIndex: 1 }, 50);
  expect({ stageIndex: found.state.stageIndex, bakedMs: found.state.bakedMs, reading: found.reading }).toEqual(wanted);
});
