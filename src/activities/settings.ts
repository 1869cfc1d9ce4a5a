import type { LeftSwitch } from '../core/release/left-switch';
import { PortError } from '../ports/errors';
import { keepAlive } from './keep-alive';
import { assertStillWanted } from './fence';
import { readThrown } from './kill-switch';
import { checkSnapshot, openEffect, type KeptSnapshot } from './permit';
import type { Ports } from './ports';
import { readUnlike } from './read-setting';
import type { TrafficInput, UndoInput } from './traffic';
import { putFlagBack, writeConfiguration, writeFlag } from './write-setting';

export type RestoreConfigurationInput = UndoInput & { readonly digestBefore: string };
/** The earlier value is in the snapshot, which is signed: a value by itself could be anybody's. */
export type RestoreFlagInput = UndoInput & {
  readonly kept: KeptSnapshot;
  /** Whether the release knows that it had set it; left out by older workflows, which put back whatever is there. */
  readonly isWritten?: boolean;
};

/** Configuration and flags: the canary's side changes, the baseline's stays. */
export const createSettingActivities = (ports: Ports) => ({
  /** Refuses to write over what somebody else changed since the snapshot: a way back would give them what is older. */
  assertUnchanged: ({ permit, sealed, kept }: TrafficInput & { readonly kept: KeptSnapshot }): Promise<void> =>
    keepAlive(async () => {
      checkSnapshot(ports, permit.seal, kept);
      const found = await readUnlike(ports, permit, { sealed, snapshot: kept.snapshot });
      if (found === undefined) return;
      const { key, target } = sealed.effect;
      throw new PortError(
        'Conflict',
        `${target}: what ${key} is to set was changed by somebody else since the release took its snapshot (found ${found}), and is left as it is. ` +
          'Start again: a new release goes by what is there now.',
      );
    }),

  configure: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'configure');
      await assertStillWanted(ports, permit);
      return writeConfiguration(ports, effect, permit);
    }),

  setFlag: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'flag');
      await assertStillWanted(ports, permit);
      return writeFlag(ports, effect);
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

  /** Resolves to what was found where a kill switch was thrown by somebody else: then it is left. */
  restoreFlag: ({ permit, sealed, onlyVerify, kept, isWritten }: RestoreFlagInput): Promise<string | LeftSwitch> =>
    keepAlive(async () => {
      const effect = openEffect(ports, permit, sealed, 'flag');
      checkSnapshot(ports, permit.seal, kept);
      const left = isWritten === undefined ? undefined : await readThrown(ports, effect, kept.snapshot, isWritten);
      if (left !== undefined) return left;
      return putFlagBack(ports, effect, kept.snapshot, onlyVerify);
    }),
});
