import { isSameJson } from '../core/canonical';
import { flagText } from '../core/plan/flag-text';
import { plural } from '../core/plural';
import { PortError } from '../ports/errors';
import { keepAlive } from './keep-alive';
import { assertStillWanted } from './fence';
import { checkSnapshot, openEffect, type KeptSnapshot } from './permit';
import type { Ports } from './ports';
import type { TrafficInput, UndoInput } from './traffic';

export type RestoreConfigurationInput = UndoInput & { readonly digestBefore: string };
/** The earlier value is in the snapshot, which is signed: a value by itself could be anybody's. */
export type RestoreFlagInput = UndoInput & { readonly kept: KeptSnapshot };

/** Configuration and flags: the canary's side changes, the baseline's stays. */
export const createSettingActivities = (ports: Ports) => ({
  configure: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'configure');
      const configuration = ports.configuration(effect.target);
      await assertStillWanted(ports, permit);
      await configuration.apply(permit.roles, effect.set, permit.seal.firstRunId);
      if (!(await configuration.isApplied(permit.roles, effect.set)))
        throw new PortError(
          'NotConverged',
          `${effect.target}: the canary's configuration does not read back as written; it is tried again.`,
        );
      return `${plural(Object.keys(effect.set).length, 'key')} set for the canary`;
    }),

  setFlag: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'flag');
      const flags = ports.flags(effect.target);
      await assertStillWanted(ports, permit);
      await flags.write(effect.flag, effect.value);
      const found = await flags.read(effect.flag);
      const wanted = await flags.foretell(effect.flag, { found, value: effect.value });
      if (!isSameJson(found, wanted))
        throw new PortError(
          'NotConverged',
          `${effect.target}: flag ${effect.flag} does not read back as written; it is tried again.`,
        );
      return `${effect.flag} is ${flagText(effect.value)}`;
    }),

  restoreConfiguration: ({ permit, sealed, onlyVerify, digestBefore }: RestoreConfigurationInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'configure');
      const configuration = ports.configuration(effect.target);
      if (!onlyVerify) await configuration.restore(permit.roles, permit.seal.firstRunId);
      const digest = await configuration.digest(permit.roles.canary);
      if (digest !== digestBefore)
        throw new PortError(
          'NotConverged',
          `${effect.target}: the configuration in ${permit.roles.canary} is not the one of the snapshot; it is tried again.`,
        );
      return 'the earlier bytes are back';
    }),

  restoreFlag: ({ permit, sealed, onlyVerify, kept }: RestoreFlagInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'flag');
      checkSnapshot(ports, permit.seal, kept);
      const flags = ports.flags(effect.target);
      const wanted = kept.snapshot.world.flags[effect.target]?.[effect.flag]?.[0];
      if (!onlyVerify) await flags.write(effect.flag, wanted);
      const found = await flags.read(effect.flag);
      if (!isSameJson(found, wanted))
        throw new PortError(
          'NotConverged',
          `${effect.target}: flag ${effect.flag} is not as before; it is tried again.`,
        );
      return `${effect.flag} is as before`;
    }),
});
