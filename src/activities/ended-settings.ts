import type { SealedEffect } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import { calmBeatMs, effectOf, lookAtSettingsMs } from './drift';
import { isSuperseded, readEnding, type EndingState } from './fence';
import { keepAlive } from './keep-alive';
import { lookForNews, type Looked } from './look-for-news';
import { checkSnapshot, forged, openEffect, type KeptSnapshot } from './permit';
import type { Ports } from './ports';
import { readOther, readUnlike } from './read-setting';
import { putFlagBack, writeConfiguration, writeFlag } from './write-setting';

/** Which ending of which release. */
type EndedInput = {
  readonly permit: Permit;
  readonly isPromoted: boolean;
  /** First run id of the release, or of its recovery, that ended. */
  readonly endedBy: string;
  /** What the release found before it began: after a rollback it must stand again. */
  readonly kept: KeptSnapshot;
};

export type WatchEndedSettingsInput = EndedInput & {
  readonly effects: readonly SealedEffect[];
  readonly known: { readonly [effect: string]: string };
  readonly forMs?: number;
};

type RestoreEndedInput = EndedInput & { readonly sealed: SealedEffect };

/** Once its undo is over a release keeps no earlier bytes: what it wrote late is taken back, what others wrote is not. */
async function putConfigurationBack(ports: Ports, { permit, sealed, kept }: RestoreEndedInput): Promise<void> {
  const { target } = openEffect(ports, permit, sealed, 'configure');
  const { canary } = permit.roles;
  const configuration = ports.configuration(target);
  await configuration.restore(permit.roles, permit.seal.firstRunId);
  if ((await configuration.digest(canary)) === kept.snapshot.world.configuration[target]?.[canary]) return;
  throw new PortError(
    'Conflict',
    `${target}: the configuration in ${canary} was changed by somebody else, and its bytes of before are not kept any more; put them back by hand, or leave it.`,
  );
}

async function setAgain(ports: Ports, { permit, sealed }: RestoreEndedInput): Promise<void> {
  if (sealed.effect.kind === 'flag') {
    await writeFlag(ports, openEffect(ports, permit, sealed, 'flag'));
    return;
  }
  const effect = openEffect(ports, permit, sealed, 'configure');
  const { canary } = permit.roles;
  const isThere = (await ports.configuration(effect.target).digest(canary)) !== 'absent';
  // It serves everybody now and goes its own way: its other keys stay as they are.
  await writeConfiguration(ports, effect, permit, isThere ? { baseline: canary, canary } : permit.roles);
}

/** Looks after flags and configuration once a release has ended. */
export const createEndedSettingActivities = (ports: Ports) => ({
  /** Only reads; comes back when something reads differently than it is known to, or a later release has begun. */
  watchEndedSettings: (input: WatchEndedSettingsInput): Promise<Looked> =>
    keepAlive(async (signal) => {
      const { permit, effects, isPromoted, endedBy, kept, known, forMs } = input;
      checkSnapshot(ports, permit.seal, kept);
      const { snapshot } = kept;
      const read = (sealed: SealedEffect) =>
        isPromoted ? readOther(ports, permit, sealed) : readUnlike(ports, permit, { sealed, snapshot });
      return lookForNews(ports, signal, {
        keys: effects.map(({ effect }) => effect.key),
        read: (key) => read(effectOf(effects, key)),
        known,
        forMs,
        restMs: () => lookAtSettingsMs,
        isOver: () => isSuperseded(ports, permit, endedBy),
      });
    }, calmBeatMs),

  /** Sets again what an ending left, unless a later release of the service has begun. */
  restoreEndedSetting: (input: RestoreEndedInput): Promise<'restored' | Exclude<EndingState, 'present'>> =>
    keepAlive(async () => {
      const { permit, sealed, isPromoted, kept } = input;
      checkSnapshot(ports, permit.seal, kept);
      const { kind } = sealed.effect;
      if (kind !== 'flag' && kind !== 'configure') throw forged(`Effect ${sealed.effect.key}`, permit);
      if ((await readEnding(ports, permit, isPromoted)) === 'superseded') return 'superseded';
      if (isPromoted) await setAgain(ports, input);
      else if (kind === 'configure') await putConfigurationBack(ports, input);
      else await putFlagBack(ports, openEffect(ports, permit, sealed, 'flag'), kept.snapshot);
      return 'restored';
    }),
});
