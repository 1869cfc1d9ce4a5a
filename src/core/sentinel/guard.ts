import type { Slot, Slots } from '../plan/effects';
import type { SlotState } from '../release/snapshot';
import type { LeaseRecord } from './lease';

type SeenSlot = { readonly weight: number; readonly state: SlotState };
/** What one proxy shows: shares in percent and states. */
export type SeenSplit = { readonly [S in Slot]: SeenSlot };

/** What a sentinel does after a look at one proxy. */
export type GuardStep =
  | { readonly kind: 'leave' }
  /** Something is not as it should be, and it is not for the sentinel to write. */
  | { readonly kind: 'alarm'; readonly why: string }
  | { readonly kind: 'write'; readonly split: SeenSplit; readonly why: 'expired' | 'above-ceiling' | 'after-ending' };

/** What is remembered of one proxy between two looks. */
export type GuardMemory = { readonly looksAbove: number };

export type Guarded = { readonly step: GuardStep; readonly memory: GuardMemory };

export const noMemory: GuardMemory = { looksAbove: 0 };

/** Weights are whole steps at the proxy. */
const tolerancePoints = 0.5;
/** One look may fall between two commands of a proper shift. */
const looksBeforeLowering = 2;

/** An old record says nothing about the world of today: a sentinel that was down for longer must not act on it. */
const expiredGuardMs = 86_400_000;

const other = (slot: Slot): Slot => (slot === 'blue' ? 'green' : 'blue');
const splitOf = (serving: Slot, of: SeenSlot, rest: SeenSlot): SeenSplit =>
  serving === 'blue' ? { blue: of, green: rest } : { blue: rest, green: of };

/** One slot serves everybody, the other one is in `maint` so that pinned sessions move too. */
export const servedBy = (serving: Slot): SeenSplit =>
  splitOf(serving, { weight: 100, state: 'ready' }, { weight: 0, state: 'maint' });

const isServedBy = (seen: SeenSplit, serving: Slot): boolean => {
  const rest = seen[other(serving)];
  return seen[serving].state === 'ready' && seen[serving].weight > 0 && rest.weight === 0 && rest.state === 'maint';
};

/** The share that new requests have of the canary: a slot out of service takes none, whatever its weight. */
function canaryShare(seen: SeenSplit, { baseline, canary }: Slots): number {
  if (seen[canary].state !== 'ready' || seen[canary].weight === 0) return 0;
  return seen[baseline].state === 'ready' ? seen[canary].weight : 100;
}

const leave: Guarded = { step: { kind: 'leave' }, memory: noMemory };
const alarm = (why: string): Guarded => ({ step: { kind: 'alarm', why }, memory: noMemory });

function guardServing(seen: SeenSplit, serving: Slot, why: 'expired' | 'after-ending'): Guarded {
  if (isServedBy(seen, serving)) return leave;
  return { step: { kind: 'write', split: servedBy(serving), why }, memory: noMemory };
}

const reportServing = (seen: SeenSplit, serving: Slot): Guarded =>
  isServedBy(seen, serving) ? leave : alarm('the split is not the one the last release left');

function guardHeld(
  record: Extract<LeaseRecord, { state: 'held' }>,
  { seen, memory, nowMs }: { readonly seen: SeenSplit; readonly memory: GuardMemory; readonly nowMs: number },
): Guarded {
  const { phase, roles, ceilingPercent } = record;
  if (phase === 'promoting')
    return nowMs < record.expiresAtMs ? leave : alarm('the engine went silent while it promoted: look at the split');
  if (canaryShare(seen, roles) <= ceilingPercent + tolerancePoints) return leave;
  const looksAbove = memory.looksAbove + 1;
  if (looksAbove < looksBeforeLowering) return { step: { kind: 'leave' }, memory: { looksAbove } };
  const split = splitOf(
    roles.baseline,
    { weight: 100 - ceilingPercent, state: 'ready' },
    { weight: ceilingPercent, state: seen[roles.canary].state },
  );
  return { step: { kind: 'write', split, why: 'above-ceiling' }, memory: noMemory };
}

/** What the record asks for at a proxy that shows `seen`. `record` is as of now: expiry has been looked at. */
export function guard(record: LeaseRecord, seen: SeenSplit, memory: GuardMemory, nowMs: number): Guarded {
  switch (record.state) {
    case 'held':
      return guardHeld(record, { seen, memory, nowMs });
    case 'expired':
      if (nowMs < record.sinceMs + expiredGuardMs) return guardServing(seen, record.roles.baseline, 'expired');
      return reportServing(seen, record.roles.baseline);
    case 'ended':
      if (nowMs < record.guardUntilMs) return guardServing(seen, record.serving, 'after-ending');
      return reportServing(seen, record.serving);
  }
}
