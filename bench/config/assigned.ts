import { crc32 } from 'node:zlib';
import type { Slot } from '../weights';

export type User = { readonly id: string; readonly tenant?: string };

/** Who has the canary from one order of the release to the next. Shares are in percent. */
export type Step = {
  readonly name: string;
  readonly percent: number;
  /** Tenants with a share of their own. */
  readonly members: { readonly [tenant: string]: number };
  /** Whether everybody is back on the baseline. */
  readonly isBack?: boolean;
};

const places = 10_000;

export const ownShare = ({ tenant }: User, { members }: Step): number | undefined =>
  tenant === undefined ? undefined : members[tenant];

/** Which version a user has by the hash of the identity: green has the lowest places, blue the highest. */
export function isOnCanary(user: User, step: Step, canary: Slot): boolean {
  const share = ((ownShare(user, step) ?? step.percent) * places) / 100;
  const place = crc32(user.id) % places;
  return canary === 'green' ? place < share : place >= places - share;
}
