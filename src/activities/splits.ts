import {
  describeMembers,
  isSameMembers,
  lowerMembers,
  greatestShare,
  membersOf,
  type CohortShare,
} from '../core/cohorts/members';
import type { Slots } from '../core/plan/effects';
import type { SlotState } from '../core/release/snapshot';
import { PortError } from '../ports/errors';
import type { Split, Written } from '../ports/traffic';

const weightPoints = 0.5;

/** The canary's share against the baseline's, and of the members of cohorts. */
export const splitOf = (
  roles: Slots,
  canaryPercent: number,
  canary: SlotState,
  cohorts: readonly CohortShare[] = [],
): Split => {
  const forBaseline = { weight: 100 - canaryPercent, state: 'ready' } as const;
  const forCanary = { weight: canaryPercent, state: canary } as const;
  return {
    ...(roles.baseline === 'blue' ? { blue: forBaseline, green: forCanary } : { blue: forCanary, green: forBaseline }),
    ...(cohorts.length === 0 ? {} : { members: membersOf(cohorts, roles) }),
  };
};

/** The largest share that anybody has of the canary: by the weights, or as a member of a cohort. */
export const exposureOf = (split: Split, { canary }: Slots): number =>
  Math.max(split[canary].weight, greatestShare(split.members, canary));

/** The weights and members of a step back: nobody's share of the canary is above this, and none rises. */
export const loweredTo = (found: Split, roles: Slots, toPercent: number): Split => ({
  ...splitOf(roles, Math.min(found[roles.canary].weight, toPercent), 'ready'),
  members: lowerMembers(found.members, roles, toPercent),
});

export const promotedSplit = (roles: Slots): Split =>
  splitOf({ baseline: roles.canary, canary: roles.baseline }, 0, 'maint');

/** What a release leaves behind: one slot serves everybody, the other is out of service. */
export const endingSplit = (roles: Slots, isPromoted: boolean): Split =>
  isPromoted ? promotedSplit(roles) : splitOf(roles, 0, 'maint');

export const isSameSplit = (left: Split, right: Split): boolean =>
  isSameMembers(left.members, right.members) &&
  (['blue', 'green'] as const).every(
    (slot) => left[slot].state === right[slot].state && Math.abs(left[slot].weight - right[slot].weight) < weightPoints,
  );

export const describeSplit = (split: Split): string =>
  `blue ${split.blue.weight} % ${split.blue.state}, green ${split.green.weight} % ${split.green.state}${describeMembers(split.members)}`;

/** A split that was written, and what people must know of it. */
export const describeWritten = (split: Split, { unkept }: Written): string =>
  `${describeSplit(split)}${unkept === undefined ? '' : `; ${unkept}`}`;

/** @throws PortError NotConverged with both splits. */
export function assertSame(target: string, found: Split, wanted: Split): void {
  if (isSameSplit(found, wanted)) return;
  throw new PortError(
    'NotConverged',
    `${target}: found ${describeSplit(found)}, wanted ${describeSplit(wanted)}; it is tried again.`,
  );
}
