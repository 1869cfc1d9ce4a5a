import type { Slots } from '../core/plan/effects';
import type { SlotState } from '../core/release/snapshot';
import { PortError } from '../ports/errors';
import type { Split } from '../ports/traffic';

const weightPoints = 0.5;

/** The canary's share against the baseline's. */
export const splitOf = (roles: Slots, canaryPercent: number, canary: SlotState): Split => {
  const forBaseline = { weight: 100 - canaryPercent, state: 'ready' } as const;
  const forCanary = { weight: canaryPercent, state: canary } as const;
  return roles.baseline === 'blue' ? { blue: forBaseline, green: forCanary } : { blue: forCanary, green: forBaseline };
};

export const promotedSplit = (roles: Slots): Split =>
  splitOf({ baseline: roles.canary, canary: roles.baseline }, 0, 'maint');

/** What a release leaves behind: one slot serves everybody, the other is out of service. */
export const endingSplit = (roles: Slots, isPromoted: boolean): Split =>
  isPromoted ? promotedSplit(roles) : splitOf(roles, 0, 'maint');

export const isSameSplit = (left: Split, right: Split): boolean =>
  (['blue', 'green'] as const).every(
    (slot) => left[slot].state === right[slot].state && Math.abs(left[slot].weight - right[slot].weight) < weightPoints,
  );

export const describeSplit = (split: Split): string =>
  `blue ${split.blue.weight} % ${split.blue.state}, green ${split.green.weight} % ${split.green.state}`;

/** @throws PortError NotConverged with both splits. */
export function assertSame(target: string, found: Split, wanted: Split): void {
  if (isSameSplit(found, wanted)) return;
  throw new PortError(
    'NotConverged',
    `${target}: found ${describeSplit(found)}, wanted ${describeSplit(wanted)}; it is tried again.`,
  );
}
