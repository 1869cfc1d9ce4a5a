import type { Slot, Slots } from '../plan/effects';

/**
 * What a lease permits. `dark`: the slot may be ready and nobody is sent to it, for as long as it takes. `exposing`: up to
 * the ceiling, until the time to live is over. `promoting`: the slots change roles, and no expiry may undo that.
 */
export type LeasePhase = 'dark' | 'exposing' | 'promoting';

/** Permission to expose users, held by one release at one traffic target. */
export type Lease = {
  /** First run id of the release. */
  readonly release: string;
  readonly roles: Slots;
  readonly phase: LeasePhase;
  /** Largest share of requests the canary may get, 0 to 100. */
  readonly ceilingPercent: number;
  readonly ttlMs: number;
};

/** The end of a lease: one slot serves everybody from now on. */
export type LeaseEnding = { readonly release: string; readonly roles: Slots; readonly serving: Slot };

/** Why a lease is not held. `unknown`: nothing is known of this release, so it may ask for a lease. */
export type LeaseRefusal = 'expired' | 'ended' | 'superseded' | 'unknown';

export type LeaseAnswer =
  { readonly isHeld: true; readonly term: number } | { readonly isHeld: false; readonly refusal: LeaseRefusal };

/** What a sentinel knows of one target. Times are milliseconds of whatever clock the caller keeps. */
export type LeaseRecord = {
  /** Grows with every release that takes the target over. */
  readonly term: number;
  readonly release: string;
  readonly roles: Slots;
  /** Releases that are over: none of them gets a lease again. */
  readonly past: readonly string[];
} & (
  | {
      readonly state: 'held';
      readonly phase: LeasePhase;
      readonly ceilingPercent: number;
      readonly ttlMs: number;
      readonly expiresAtMs: number;
    }
  | { readonly state: 'expired'; readonly sinceMs: number }
  | { readonly state: 'ended'; readonly serving: Slot; readonly guardUntilMs: number }
);

export type LeaseChange = { readonly record: LeaseRecord | undefined; readonly answer: LeaseAnswer };

/** How long a safe split is guarded after a lease has ended: late writes of a frozen worker come within this time. */
const guardMs = 600_000;
const mostPast = 50;
const order: readonly LeasePhase[] = ['dark', 'exposing', 'promoting'];

const refused = (record: LeaseRecord | undefined, refusal: LeaseRefusal): LeaseChange => ({
  record,
  answer: { isHeld: false, refusal },
});

/** What the passing of time does: only an exposure expires. */
export function advance(record: LeaseRecord, nowMs: number): LeaseRecord {
  if (record.state !== 'held' || record.phase !== 'exposing' || nowMs < record.expiresAtMs) return record;
  const { term, release, roles, past } = record;
  return { state: 'expired', term, release, roles, past, sinceMs: record.expiresAtMs };
}

const withPast = (past: readonly string[], release: string): readonly string[] =>
  [...past.filter((each) => each !== release), release].slice(-mostPast);

/** Gives, changes or renews a lease. Phases only go forward; a release that is over gets nothing. */
export function holdLease(before: LeaseRecord | undefined, lease: Lease, nowMs: number): LeaseChange {
  const known = before === undefined ? undefined : advance(before, nowMs);
  if (known?.past.includes(lease.release)) return refused(known, 'superseded');
  if (known !== undefined && known.release === lease.release && known.state !== 'held')
    return refused(known, known.state);
  const isOurs = known?.release === lease.release && known.state === 'held';
  if (isOurs && order.indexOf(lease.phase) < order.indexOf(known.phase)) return renewLease(known, lease.release, nowMs);
  const { release, roles, phase, ceilingPercent, ttlMs } = lease;
  const term = isOurs ? known.term : (known?.term ?? 0) + 1;
  const past = known === undefined ? [] : isOurs ? known.past : withPast(known.past, known.release);
  const record: LeaseRecord = {
    state: 'held',
    term,
    release,
    roles,
    past,
    phase,
    ceilingPercent,
    ttlMs,
    expiresAtMs: nowMs + ttlMs,
  };
  return { record, answer: { isHeld: true, term } };
}

/** Gives a held lease its whole time again and changes nothing else. */
export function renewLease(before: LeaseRecord | undefined, release: string, nowMs: number): LeaseChange {
  const known = before === undefined ? undefined : advance(before, nowMs);
  if (known === undefined) return refused(known, 'unknown');
  if (known.release !== release) return refused(known, known.past.includes(release) ? 'superseded' : 'unknown');
  if (known.state !== 'held') return refused(known, known.state);
  return {
    record: { ...known, expiresAtMs: nowMs + known.ttlMs },
    answer: { isHeld: true, term: known.term },
  };
}

/** Ends a lease with the slot that serves. An older release, or one never heard of, changes nothing of another one's. */
export function endLease(before: LeaseRecord | undefined, ending: LeaseEnding, nowMs: number): LeaseChange {
  const { release, roles, serving } = ending;
  if (before !== undefined && before.release !== release)
    return refused({ ...before, past: withPast(before.past, release) }, 'superseded');
  const record: LeaseRecord = {
    state: 'ended',
    term: before?.term ?? 1,
    release,
    roles,
    past: before?.past ?? [],
    serving,
    guardUntilMs: nowMs + guardMs,
  };
  return refused(record, 'ended');
}

/** The same record by another clock, with no time further away than it can be. */
export function onClock(record: LeaseRecord, fromMs: number, toMs: number): LeaseRecord {
  const moved = (atMs: number, mostMs: number): number => toMs + Math.min(atMs - fromMs, mostMs);
  switch (record.state) {
    case 'held':
      return { ...record, expiresAtMs: moved(record.expiresAtMs, record.ttlMs) };
    case 'expired':
      return { ...record, sinceMs: moved(record.sinceMs, 0) };
    case 'ended':
      return { ...record, guardUntilMs: moved(record.guardUntilMs, guardMs) };
  }
}
