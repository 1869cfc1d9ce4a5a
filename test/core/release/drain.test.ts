import {
  baselineFault,
  describeDrain,
  isDrainMemory,
  isDrainNews,
  isDrainProgress,
  nextDrainPercent,
  nextDrainStep,
  type BaselineStatus,
  type DrainMemory,
  type DrainStep,
} from '../../../src/core/release/drain';

const times = { everyMs: 10_000, sessionsMs: 30_000, baselineWaitMs: 120_000 };
const nowMs = 1_000_000;
const ready = (weight: number) => ({ weight, state: 'ready' }) as const;
const drained = { weight: 0, state: 'drain' } as const;

it.each<
  [
    string,
    { weight: number; state: 'ready' | 'drain' | 'maint' },
    Omit<DrainMemory, 'beganAtMs'> & { beganAtMs?: number },
    DrainStep,
  ]
>([
  ['the first step is made at once', ready(25), {}, { kind: 'lower', toPercent: 13 }],
  [
    'the next waits its time',
    ready(13),
    { lastStepAtMs: nowMs - 9_999 },
    { kind: 'wait', nextPercent: 7, untilMs: nowMs + 1 },
  ],
  ['and is made when it is due', ready(13), { lastStepAtMs: nowMs - 10_000 }, { kind: 'lower', toPercent: 7 }],
  ['the last step keeps the sessions', ready(1), {}, { kind: 'lower', toPercent: 0 }],
  ['a share of nothing is stepped down too', ready(0), {}, { kind: 'lower', toPercent: 0 }],
  [
    'sessions are waited for',
    drained,
    { lastStepAtMs: nowMs - 29_999, quietSinceMs: nowMs - 9_999 },
    { kind: 'wait', untilMs: nowMs + 1 },
  ],
  ['no longer than their time', drained, { lastStepAtMs: nowMs - 30_000 }, { kind: 'close' }],
  [
    'nor when nobody came for the time of a step',
    drained,
    { lastStepAtMs: nowMs - 12_000, quietSinceMs: nowMs - 10_000 },
    { kind: 'close' },
  ],
  ['a drain that is found begins its time', drained, {}, { kind: 'wait', untilMs: nowMs + 30_000 }],
  ['which runs from its first look', drained, { beganAtMs: nowMs - 29_999 }, { kind: 'wait', untilMs: nowMs + 1 }],
  ['and comes to its end', drained, { beganAtMs: nowMs - 30_000 }, { kind: 'close' }],
  ['a closed slot is the end, whoever closed it', { weight: 25, state: 'maint' }, {}, { kind: 'closed' }],
])('%s', (_, canary, memory, step) => {
  expect(nextDrainStep({ canary, nowMs, memory: { beganAtMs: nowMs, ...memory }, times })).toEqual(step);
});

it('halves at most, never rises, and comes to an end from every share', () => {
  for (let from = 0; from <= 1_000; from += 1) {
    let percent = from / 10;
    for (let steps = 0; percent > 0; steps += 1) {
      const next = nextDrainPercent(percent);
      expect(next).toBeLessThan(percent);
      if (next > 0) expect(next).toBeGreaterThanOrEqual(percent / 2);
      expect(steps).toBeLessThan(9);
      percent = next;
    }
  }
});

it.each<[string, Omit<BaselineStatus, 'slot'>, number, string | undefined]>([
  ['running and ready has capacity for everybody', { state: 'running', isReady: true }, 100, undefined],
  ['enough is enough', { state: 'running', isReady: true, capacityPercent: 88 }, 88, undefined],
  [
    'too little is told with both numbers',
    { state: 'running', isReady: true, capacityPercent: 60 },
    75,
    'the baseline in blue has capacity for 60 % of the load and would get 75 %',
  ],
  ['of enough requests a second', { state: 'running', isReady: true, capacityRps: 900 }, 75, undefined],
  [
    'of too few',
    { state: 'running', isReady: true, capacityRps: 800 },
    75,
    'the baseline in blue has capacity for 800 requests/s and needs 900: it would get 750',
  ],
  ['not ready', { state: 'running', isReady: false }, 75, 'the baseline in blue runs and is not ready'],
  ['gone', { state: 'absent', isReady: false }, 75, 'the baseline in blue is absent'],
  ['dead', { state: 'failed', isReady: false, capacityPercent: 100 }, 1, 'the baseline in blue is failed'],
])('a baseline that is %s', (_, status, percent, fault) => {
  expect(baselineFault({ slot: 'blue', ...status }, { percent, loadRps: 1_000 })).toBe(fault);
});

const at = Date.UTC(2026, 0, 1, 10, 0, 10);

it.each([
  [
    { canaryPercent: 12, nextPercent: 6, nextAtMs: at, sessions: 3 },
    '12 % → 6 % at 10:00:10 UTC, 3 requests at work on the canary',
  ],
  [
    { canaryPercent: 0, nextAtMs: at, sessions: 1 },
    'nobody new reaches the canary, its sessions end by themselves or at 10:00:10 UTC, 1 request at work on the canary',
  ],
  [
    { canaryPercent: 12, nextPercent: 6, sessions: 0, waitsFor: 'the baseline in blue is absent' },
    '12 % → 6 % waits: the baseline in blue is absent',
  ],
  [
    { canaryPercent: 12, nextPercent: 6, sessions: 0, unkept: '/h.state: cannot be written (EROFS)' },
    '12 % → 6 %, 0 requests at work on the canary; /h.state: cannot be written (EROFS)',
  ],
])('says where it is: %j', (progress, words) => {
  expect(describeDrain(progress)).toBe(words);
});

it.each([
  null,
  'drained',
  {},
  { canaryPercent: -1, sessions: 0 },
  { canaryPercent: Number.NaN, sessions: 0 },
  { canaryPercent: 1, sessions: '3' },
  { canaryPercent: 1, sessions: 0, nextAtMs: 1e18 },
  { canaryPercent: 1, sessions: 0, waitsFor: 'x'.repeat(501) },
  { canaryPercent: 1, sessions: 0, unkept: 'x'.repeat(501) },
])('takes no stranger for a progress: %j', (value) => {
  expect(isDrainProgress(value)).toBe(false);
});

it('hears only what is new, and nobody too often', () => {
  const drain = { canaryPercent: 12, nextPercent: 6, nextAtMs: at, sessions: 3 };
  expect(isDrainNews({ toldCount: 0 }, drain)).toBe(true);
  expect(isDrainNews({ toldCount: 1, drain }, { ...drain })).toBe(false);
  expect(isDrainNews({ toldCount: 1, drain }, { ...drain, sessions: 2 })).toBe(true);
  expect(isDrainNews({ toldCount: 200, drain }, { ...drain, sessions: 2 })).toBe(false);
});

it('knows its own memory', () => {
  expect([{ beganAtMs: 1 }, { beganAtMs: 1, lastStepAtMs: 1 }].every(isDrainMemory)).toBe(true);
  expect([null, undefined, 'x', {}, { beganAtMs: 1, lastStepAtMs: 'x' }].some(isDrainMemory)).toBe(false);
});
