import type { Slots, SealedEffect } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import type { SlotState } from '../core/release/snapshot';
import { PortError } from '../ports/errors';
import type { Split } from '../ports/traffic';
import { keepAlive } from './keep-alive';
import { checkPermit, openEffect } from './permit';
import type { Ports } from './ports';

export type TrafficInput = { readonly permit: Permit; readonly sealed: SealedEffect };
export type ExposeInput = TrafficInput & { readonly canaryPercent: number };
export type UndoInput = TrafficInput & { readonly onlyVerify: boolean };

const splitOf = (roles: Slots, canaryPercent: number, canary: SlotState): Split => {
  const forBaseline = { weight: 100 - canaryPercent, state: 'ready' } as const;
  const forCanary = { weight: canaryPercent, state: canary } as const;
  return roles.baseline === 'blue' ? { blue: forBaseline, green: forCanary } : { blue: forCanary, green: forBaseline };
};

const promotedSplit = (roles: Slots): Split => splitOf({ baseline: roles.canary, canary: roles.baseline }, 0, 'maint');

const same = (left: Split, right: Split): boolean =>
  (['blue', 'green'] as const).every(
    (slot) => left[slot].state === right[slot].state && Math.abs(left[slot].weight - right[slot].weight) < 0.5,
  );

const describe = (split: Split): string =>
  `blue ${split.blue.weight} % ${split.blue.state}, green ${split.green.weight} % ${split.green.state}`;

/** Moves users between versions; every write is read back at every proxy. */
export const createTrafficActivities = (ports: Ports) => ({
  /** Gives the canary its share. Refuses a slot in `maint`: only the checks and a repair of lost weights make it ready. */
  exposeCanary: ({ permit, sealed, canaryPercent }: ExposeInput): Promise<string> =>
    keepAlive(async () => {
      const { target } = openEffect(ports, permit, sealed, 'expose');
      const traffic = ports.traffic(target);
      const before = await traffic.readSplit();
      if (before[permit.roles.canary].state !== 'ready')
        throw new PortError(
          'Conflict',
          `${target}: slot ${permit.roles.canary} is in ${before[permit.roles.canary].state}, so it may not get ${canaryPercent} %. ` +
            'It was taken out of service after its checks; look who did that, then start the release again.',
        );
      const wanted = splitOf(permit.roles, canaryPercent, 'ready');
      if (!same(before, wanted)) await traffic.writeSplit(wanted);
      return describe(wanted);
    }),

  /** Sets weights and states again after a proxy lost them. */
  restoreSplit: ({ permit, sealed, canaryPercent }: ExposeInput): Promise<string> =>
    keepAlive(async () => {
      const { target } = openEffect(ports, permit, sealed, 'expose');
      const wanted = splitOf(permit.roles, canaryPercent, 'ready');
      await ports.traffic(target).writeSplit(wanted);
      return describe(wanted);
    }),

  /** The canary serves everyone, the old version nobody: the slots change roles. */
  promoteCanary: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const { target } = openEffect(ports, permit, sealed, 'expose');
      const wanted = promotedSplit(permit.roles);
      await ports.traffic(target).writeSplit(wanted);
      return describe(wanted);
    }),

  /** Undo of every exposure: all traffic to the baseline, the canary in `maint` so that pinned sessions move too. */
  closeTraffic: ({ permit, sealed, onlyVerify }: UndoInput): Promise<string> =>
    keepAlive(async () => {
      checkPermit(ports, permit);
      const { target } = openEffect(ports, permit, sealed, 'expose');
      const traffic = ports.traffic(target);
      const wanted = splitOf(permit.roles, 0, 'maint');
      if (!onlyVerify) await traffic.writeSplit(wanted);
      const found = await traffic.readSplit();
      if (!same(found, wanted))
        throw new PortError(
          'NotConverged',
          `${target}: found ${describe(found)}, wanted ${describe(wanted)}; it is tried again.`,
        );
      return describe(found);
    }),
});
