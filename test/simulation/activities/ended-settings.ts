import type { WatchEndedSettingsInput } from '../../../src/activities/ended-settings';
import { Stopped, type Calls, type Doing, type Models } from './model';
import { otherThan, settings } from './settings';

/** What is there instead of what the release found; undefined where it is as before. */
function unlike({ world }: Doing, { permit, kept }: WatchEndedSettingsInput, effect: unknown): string | undefined {
  const { key, target, flag } = effect as { readonly key: string; readonly target: string; readonly flag?: string };
  const before = kept.snapshot.world;
  const { canary } = permit.roles;
  const found = flag === undefined ? world.configuration[canary] : world.flags.get(flag);
  const wanted = flag === undefined ? before.configuration[target]?.[canary] : before.flags[target]?.[flag]?.[0];
  return JSON.stringify(found) === JSON.stringify(wanted) ? undefined : `${key} is other`;
}

/** What keeps the settings of an ending. */
export const endedSettings: Models = {
  *watchEndedSettings(doing, input) {
    const ended = input as unknown as WatchEndedSettingsInput;
    for (;;) {
      if (doing.isCancelled() || !doing.attempt.isWanted()) throw new Stopped();
      if (doing.latestRelease() !== ended.endedBy) return 'superseded';
      for (const sealed of ended.effects) {
        const { key } = sealed.effect;
        const observed = ended.isPromoted
          ? otherThan(doing, sealed, ended.permit.roles.canary)
          : unlike(doing, ended, sealed.effect);
        if (observed !== ended.known[key]) return { effect: key, ...(observed === undefined ? {} : { observed }) };
      }
      yield { restMs: 60_000 };
    }
  },
  *restoreEndedSetting(doing, input) {
    const { isPromoted, endedBy } = input as unknown as WatchEndedSettingsInput;
    yield 'worker';
    if (doing.latestRelease() !== endedBy) return 'superseded';
    const { effect } = input.sealed;
    const isFlag = effect.kind === 'flag';
    const { canary } = input.permit.roles;
    const digestBefore = input.kept.snapshot.world.configuration[effect.target]?.[canary] ?? 'absent';
    const again = isFlag ? settings['setFlag'] : settings['configure'];
    const back = isFlag ? settings['restoreFlag'] : settings['restoreConfiguration'];
    const work = isPromoted ? again : back;
    if (work !== undefined) yield* work(doing, { ...input, digestBefore, onlyVerify: false }) as Calls;
    return 'restored';
  },
};
