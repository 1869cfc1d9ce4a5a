import { advance, endLease, holdLease, onClock, renewLease } from '../../../src/core/sentinel/lease';
import type { Lease, LeaseRecord } from '../../../src/core/sentinel/lease';

const roles = { baseline: 'blue', canary: 'green' } as const;
const lease = (change: Partial<Lease> = {}): Lease => ({
  release: 'r1',
  roles,
  phase: 'exposing',
  ceilingPercent: 5,
  ttlMs: 1_000,
  ...change,
});

function held(change: Partial<Lease> = {}, nowMs = 0, before?: LeaseRecord): LeaseRecord {
  const { record, answer } = holdLease(before, lease(change), nowMs);
  if (!answer.isHeld || record === undefined) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return record;
}
const ended = (before: LeaseRecord, serving: 'blue' | 'green' = 'blue'): LeaseRecord => {
  const { record } = endLease(before, { release: before.release, roles, serving }, 0);
  if (record === undefined) throw new Error('there is no record');
  return record;
};
const refusal = ({ answer }: ReturnType<typeof holdLease>) => (answer.isHeld ? 'held' : answer.refusal);

describe('a lease', () => {
  it.each([
    ['the first of a target', () => holdLease(undefined, lease(), 0), 'held'],
    ['again', () => holdLease(held(), lease(), 999), 'held'],
    ['with a higher ceiling', () => holdLease(held(), lease({ ceilingPercent: 25 }), 1), 'held'],
    ['in the moment in which it runs out', () => holdLease(held(), lease(), 1_000), 'expired'],
    ['long after it ran out', () => holdLease(advance(held(), 1_000), lease(), 9_000), 'expired'],
    ['after its ending', () => holdLease(ended(held()), lease(), 1), 'ended'],
    ['while another release holds it', () => holdLease(held(), lease({ release: 'r2' }), 1), 'held'],
    ['after another one took over', () => holdLease(held({ release: 'r2' }, 1, held()), lease(), 2), 'superseded'],
    [
      'after an ending that the sentinel heard of late, under another lease',
      () =>
        holdLease(endLease(held({ release: 'r2' }), { release: 'r1', roles, serving: 'blue' }, 1).record, lease(), 2),
      'superseded',
    ],
  ])('asked for %s', (_when, ask, expected) => {
    expect(refusal(ask())).toBe(expected);
  });

  it('has a term that grows with every release that takes over', () => {
    const third = held({ release: 'r3' }, 2, ended(held({ release: 'r2' }, 1, ended(held()))));
    expect(third).toMatchObject({ term: 3, past: ['r1', 'r2'] });
  });

  it.each([
    ['of nobody', undefined, 'unknown'],
    ['of another release', held({ release: 'r2' }), 'unknown'],
    ['of a release that was replaced', held({ release: 'r2' }, 0, held()), 'superseded'],
    ['that ran out', advance(held(), 5_000), 'expired'],
    ['that ended', ended(held()), 'ended'],
    ['in time', held(), 'held'],
  ])('is renewed: one %s', (_what, before, expected) => {
    expect(refusal(renewLease(before, 'r1', 900))).toBe(expected);
  });

  it('is renewed for its whole time and with the ceiling that it has', () => {
    expect(renewLease(held({ ceilingPercent: 25 }), 'r1', 900).record).toMatchObject({
      expiresAtMs: 1_900,
      ceilingPercent: 25,
    });
  });

  it.each([
    ['dark', 'dark', 'held'],
    ['exposing', 'exposing', 'expired'],
    ['promoting', 'promoting', 'held'],
  ] as const)('%s is %s until then and %s afterwards', (phase, _phase, state) => {
    expect(advance(held({ phase }), 60_000).state).toBe(state);
  });

  it.each([
    ['exposing', 'dark', 'exposing'],
    ['promoting', 'exposing', 'promoting'],
    ['dark', 'exposing', 'exposing'],
  ] as const)('that is %s and asked for %s is %s: late steps take nothing back', (phase, asked, expected) => {
    const { record } = holdLease(held({ phase, ceilingPercent: 50 }), lease({ phase: asked, ceilingPercent: 25 }), 1);
    expect(record).toMatchObject({ phase: expected, ceilingPercent: expected === asked ? 25 : 50 });
  });
});

describe('an ending', () => {
  it.each([
    ['of a held lease', held(), 'ended'],
    ['of one that ran out', advance(held(), 5_000), 'ended'],
    ['told twice', ended(held()), 'ended'],
    ['of a release that never held one here', undefined, 'ended'],
    ['while another release holds the lease', held({ release: 'r2' }), 'held'],
    ['after another release has ended', ended(held({ release: 'r2' }), 'green'), 'ended'],
  ])('%s', (_of, before, state) => {
    const { record } = endLease(before, { release: 'r1', roles, serving: 'blue' }, 10);
    expect(record?.state).toBe(state);
    if (before?.release === 'r2') expect(record).toEqual({ ...before, past: ['r1'] });
    else expect(record).toMatchObject({ serving: 'blue', release: 'r1' });
  });
});

describe('a record on another clock', () => {
  it.each([
    ['keeps the time that is left', held(), 400, 50_000, { expiresAtMs: 50_600 }],
    ['is over when the time has passed meanwhile', held(), 3_000, 50_000, { expiresAtMs: 48_000 }],
    ['has at most its whole time when the clock was set back', held(), -90_000, 50_000, { expiresAtMs: 51_000 }],
    ['ran out at the latest now', advance(held(), 1_000), -90_000, 50_000, { sinceMs: 50_000 }],
    ['is guarded for ten minutes at most', ended(held()), -90_000, 50_000, { guardUntilMs: 650_000 }],
  ])('%s', (_what, record, fromMs, toMs, expected) => {
    expect(onClock(record, fromMs, toMs)).toMatchObject(expected);
  });
});
