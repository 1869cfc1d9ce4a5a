import type { SealedEffect } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import type { Split } from '../ports/traffic';
import { assertStillWanted, refuseOvertaken } from './fence';
import { keepAlive } from './keep-alive';
import { endLease, takeLease } from './lease';
import { checkPermit, openEffect } from './permit';
import type { Ports } from './ports';
import { assertSame, describeSplit, isSameSplit, promotedSplit, splitOf } from './splits';

export type TrafficInput = { readonly permit: Permit; readonly sealed: SealedEffect };
export type ExposeInput = TrafficInput & { readonly canaryPercent: number };
export type UndoInput = TrafficInput & { readonly onlyVerify: boolean };

function assertInService(target: string, { roles }: Permit, found: Split, canaryPercent: number): void {
  const { state } = found[roles.canary];
  if (state === 'ready') return;
  throw new PortError(
    'Conflict',
    `${target}: slot ${roles.canary} is in ${state}, so it may not get ${canaryPercent} %. ` +
      'It was taken out of service after its checks; look who did that, then start the release again.',
  );
}

/** The split of an exposure and where it is set; nobody is exposed without a lease. */
async function openExposure(ports: Ports, { permit, sealed, canaryPercent }: ExposeInput) {
  const effect = openEffect(ports, permit, sealed, 'expose');
  await takeLease(ports, permit, effect, { phase: 'exposing', ceilingPercent: canaryPercent });
  const { target } = effect;
  return { target, traffic: ports.traffic(target), wanted: splitOf(permit.roles, canaryPercent, 'ready') };
}

/** Moves users between versions; every write is read back at every proxy. */
export const createTrafficActivities = (ports: Ports) => ({
  /**
   * Gives the canary its share, by weights alone: a write that comes late, after a rollback, finds the slot in `maint` and
   * reaches nobody. Refuses a slot in `maint`: only the checks and a repair of lost weights make it ready.
   */
  exposeCanary: ({ permit, sealed, canaryPercent }: ExposeInput): Promise<string> =>
    keepAlive(async () => {
      const { target, traffic, wanted } = await openExposure(ports, { permit, sealed, canaryPercent });
      const before = await traffic.readSplit();
      assertInService(target, permit, before, canaryPercent);
      if (isSameSplit(before, wanted)) return describeSplit(wanted);
      await assertStillWanted(ports, permit);
      await traffic.writeWeights({ blue: wanted.blue.weight, green: wanted.green.weight });
      const after = await traffic.readSplit();
      assertInService(target, permit, after, canaryPercent);
      assertSame(target, after, wanted);
      return describeSplit(wanted);
    }),

  /** Sets weights and states again after a proxy lost them: ready at weight 0 first, then the weights. */
  restoreSplit: ({ permit, sealed, canaryPercent }: ExposeInput): Promise<string> =>
    keepAlive(async () => {
      const { target, traffic, wanted } = await openExposure(ports, { permit, sealed, canaryPercent });
      await assertStillWanted(ports, permit);
      await traffic.writeSplit(splitOf(permit.roles, 0, 'ready'));
      await assertStillWanted(ports, permit);
      await traffic.writeWeights({ blue: wanted.blue.weight, green: wanted.green.weight });
      assertSame(target, await traffic.readSplit(), wanted);
      return describeSplit(wanted);
    }),

  /** The canary serves everyone, the old version nobody: the slots change roles. */
  promoteCanary: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'expose');
      const wanted = promotedSplit(permit.roles);
      // From here on no expiry writes: it would undo the promotion.
      await takeLease(ports, permit, effect, { phase: 'promoting', ceilingPercent: 100, mayBeOver: true });
      await assertStillWanted(ports, permit);
      await ports.traffic(effect.target).writeSplit(wanted);
      await endLease(ports, permit, effect, permit.roles.canary);
      return describeSplit(wanted);
    }),

  /** Undo of every exposure: all traffic to the baseline, the canary in `maint` so that pinned sessions move too. */
  closeTraffic: ({ permit, sealed, onlyVerify }: UndoInput): Promise<string> =>
    keepAlive(async () => {
      checkPermit(ports, permit);
      const effect = openEffect(ports, permit, sealed, 'expose');
      const traffic = ports.traffic(effect.target);
      const wanted = splitOf(permit.roles, 0, 'maint');
      if (!onlyVerify) {
        await refuseOvertaken(ports, permit);
        await traffic.writeSplit(wanted);
      }
      const found = await traffic.readSplit();
      assertSame(effect.target, found, wanted);
      await endLease(ports, permit, effect, permit.roles.baseline);
      return describeSplit(found);
    }),
});
