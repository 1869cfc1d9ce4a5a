import type { CohortShare } from '../core/cohorts/members';
import type { SealedEffect } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import type { Shares, Split, WeightOptions, Written } from '../ports/traffic';
import { assertStillWanted, refuseOvertaken } from './fence';
import { keepAlive } from './keep-alive';
import { endLease, takeLease } from './lease';
import { checkPermit, openEffect } from './permit';
import type { Ports } from './ports';
import { assertSame, describeSplit, describeWritten, isSameSplit, promotedSplit, splitOf } from './splits';

export type TrafficInput = { readonly permit: Permit; readonly sealed: SealedEffect };
export type ExposeInput = TrafficInput & {
  readonly canaryPercent: number;
  /** Who gets the canary whatever the share of the others; absent without cohorts, and from older workers. */
  readonly cohorts?: readonly CohortShare[];
};
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
async function openExposure(ports: Ports, { permit, sealed, canaryPercent, cohorts }: ExposeInput) {
  const effect = openEffect(ports, permit, sealed, 'expose');
  await takeLease(ports, permit, effect, { phase: 'exposing', ceilingPercent: canaryPercent });
  const { target } = effect;
  return { target, traffic: ports.traffic(target), wanted: splitOf(permit.roles, canaryPercent, 'ready', cohorts) };
}

/** What an exposure writes: weights, and the members of cohorts where it has some. */
const weightsOf = ({ blue, green, members = {} }: Split): [Shares, WeightOptions] => [
  { blue: blue.weight, green: green.weight },
  { members },
];

/** Moves users between versions; every write is read back at every proxy. */
export const createTrafficActivities = (ports: Ports) => ({
  /**
   * Gives the canary its share, by weights alone: a write that comes late, after a rollback, finds the slot in `maint` and
   * reaches nobody. Refuses a slot in `maint`: only the checks and a repair of lost weights make it ready.
   */
  exposeCanary: (input: ExposeInput): Promise<string> =>
    keepAlive(async () => {
      const { permit, canaryPercent } = input;
      const { target, traffic, wanted } = await openExposure(ports, input);
      const before = await traffic.readSplit();
      assertInService(target, permit, before, canaryPercent);
      if (isSameSplit(before, wanted)) return describeSplit(wanted);
      await assertStillWanted(ports, permit);
      await traffic.writeWeights(...weightsOf(wanted));
      const after = await traffic.readSplit();
      assertInService(target, permit, after, canaryPercent);
      assertSame(target, after, wanted);
      return describeSplit(wanted);
    }),

  /** Sets weights and states again after a proxy lost them: ready at weight 0 first, then the weights. */
  restoreSplit: (input: ExposeInput): Promise<string> =>
    keepAlive(async () => {
      const { permit } = input;
      const { target, traffic, wanted } = await openExposure(ports, input);
      await assertStillWanted(ports, permit);
      const { split } = await traffic.read();
      // Proxies that differ: one of them has users on the canary, who must not change the version for what another one lost.
      if (split === undefined) await traffic.writeSplit(wanted);
      else {
        if (split[permit.roles.canary].state !== 'ready' || split[permit.roles.baseline].state !== 'ready') {
          await traffic.writeSplit(splitOf(permit.roles, 0, 'ready'));
          await assertStillWanted(ports, permit);
        }
        await traffic.writeWeights(...weightsOf(wanted));
      }
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
      const written = await ports.traffic(effect.target).writeSplit(wanted);
      await endLease(ports, permit, effect, permit.roles.canary);
      return describeWritten(wanted, written);
    }),

  /** Undo of every exposure: all traffic to the baseline, the canary in `maint` so that pinned sessions move too. */
  closeTraffic: ({ permit, sealed, onlyVerify }: UndoInput): Promise<string> =>
    keepAlive(async () => {
      checkPermit(ports, permit);
      const effect = openEffect(ports, permit, sealed, 'expose');
      const traffic = ports.traffic(effect.target);
      const wanted = splitOf(permit.roles, 0, 'maint');
      let written: Written = {};
      if (!onlyVerify) {
        await refuseOvertaken(ports, permit);
        written = await traffic.writeSplit(wanted);
      }
      const found = await traffic.readSplit();
      assertSame(effect.target, found, wanted);
      await endLease(ports, permit, effect, permit.roles.baseline);
      return describeWritten(found, written);
    }),
});
