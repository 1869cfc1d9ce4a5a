import type { Slot, Slots } from '../plan/effects';

/** The canary's share among the users of one member of a cohort, such as `tenant/acme`, in percent. */
export type CohortShare = { readonly member: string; readonly canaryPercent: number };

/** How the users of each member are split over the slots, in percent; whoever is not named goes by the weights. */
export type Members = { readonly [member: string]: { readonly [S in Slot]: number } };

const slots = ['blue', 'green'] as const;

/** A proxy keeps shares in hundredths of a percent: what was set may read half of one off, and a little for the arithmetic. */
const sharePoints = 0.0051;

export const membersOf = (cohorts: readonly CohortShare[], { canary }: Slots): Members =>
  Object.fromEntries(
    cohorts.map(({ member, canaryPercent: percent }) => [
      member,
      canary === 'green' ? { blue: 100 - percent, green: percent } : { blue: percent, green: 100 - percent },
    ]),
  );

/** Nobody named is the same as no names. */
export function isSameMembers(left: Members = {}, right: Members = {}): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) =>
      slots.every((slot) => Math.abs((left[name]?.[slot] ?? -1) - (right[name]?.[slot] ?? -1)) < sharePoints),
    )
  );
}

/** The largest share that a slot has of any member, 0 without members. */
export const greatestShare = (members: Members = {}, slot: Slot): number =>
  Math.max(0, ...Object.values(members).map((shares) => shares[slot]));

/** Whether anybody would get more of this slot than before. */
export const isAnyRaised = (before: Members, after: Members, slot: Slot): boolean =>
  Object.entries(after).some(([name, shares]) => shares[slot] > (before[name]?.[slot] ?? 0) + sharePoints);

/** The members with no more than this for the canary: on the way back no share rises. Who has nothing is not named. */
export const lowerMembers = (members: Members = {}, roles: Slots, toPercent: number): Members =>
  membersOf(
    Object.entries(members).flatMap(([member, shares]) => {
      const canaryPercent = Math.min(shares[roles.canary], toPercent);
      return canaryPercent > 0 ? [{ member, canaryPercent }] : [];
    }),
    roles,
  );

const mostShown = 5;

/** For people; empty without members. */
export function describeMembers(members: Members = {}): string {
  const names = Object.keys(members).sort();
  if (names.length === 0) return '';
  const shown = names
    .slice(0, mostShown)
    .map((name) => `${name} blue ${members[name]?.blue ?? 0} % green ${members[name]?.green ?? 0} %`);
  const more = names.length > mostShown ? [`and ${names.length - mostShown} more`] : [];
  return `; members ${[...shown, ...more].join(', ')}`;
}
