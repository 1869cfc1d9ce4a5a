import { isSameJson } from '../../core/canonical';
import { asJson, type Json } from '../../core/json';
import { PortError } from '../../ports/errors';
import type { FlagsPort, FlagWish } from '../../ports/flags';
import { createTurns } from '../turns';
import { createAskUnleash, type UnleashAddress } from './ask-unleash';
import { createUnleashChanges } from './change-unleash';
import { firstDifference } from './first-difference';
import type { LimitFields } from './limit';
import { readFeature, type UnleashFeature, type UnleashPlace } from './unleash-feature';
import { isBetweenStates } from './half-written';
import { foretellState, type UnleashState } from './unleash-state';

export type UnleashOptions = UnleashAddress & UnleashPlace & LimitFields;

const writesTried = 2;

/**
 * Flags of one environment of one project of an Unleash: a flag is `{ enabled, strategies }`, the strategies with their
 * constraints, segments and variants and without the numbers that Unleash gives them. Short for one are `true` and `false` (on
 * and off, strategies stay) and `{ percent, tenants, versions }` (on, with one strategy for these).
 *
 * Unleash has no compare-and-set: what was read at the beginning of a write is compared with what stands there right before the
 * first change, and what was wanted with what stands there after the last one.
 * @throws PortError `TargetUnavailable` when it is away, slow or overloaded; `Rejected` for what it refuses; `Conflict` when
 * somebody else changed the flag twice while it was written.
 */
export function createUnleashFlags(options: UnleashOptions): FlagsPort {
  const { url } = options;
  const ask = createAskUnleash(options);
  const read = (flag: string): Promise<UnleashFeature | undefined> => readFeature(ask, options, flag);
  const change = createUnleashChanges(ask, options);
  const turns = new Map<string, ReturnType<typeof createTurns>>();
  /** A kill switch does not wait for other flags. */
  const turnsOf = (flag: string): ReturnType<typeof createTurns> => {
    const known = turns.get(flag) ?? createTurns();
    turns.set(flag, known);
    return known;
  };

  const foretell = (flag: string, wish: FlagWish): UnleashState => {
    const foretold = foretellState(flag, wish, options);
    if (foretold.state !== undefined) return foretold.state;
    const next = 'Write true, false, percent and tenants, or `enabled` with `strategies`';
    const what = `flag ${flag} cannot become ${JSON.stringify(wish.value).slice(0, 100)} (${foretold.fault})`;
    throw new PortError('Rejected', `Unleash at ${url}: ${what}. ${next}.`);
  };

  /** Resolves to where the flag is not as wanted, or to undefined when it is. */
  const writeOnce = async (flag: string, value: Json): Promise<string | undefined> => {
    const differs = (now: UnleashFeature | undefined, from: UnleashState): string | undefined =>
      isSameJson(now?.state, from) ? undefined : firstDifference(now?.state, from) || 'whether it is there';
    const found = await read(flag);
    const wanted = foretell(flag, { found: found && asJson(found.state), value });
    if (isSameJson(found?.state, wanted)) return undefined;
    // Whatever else is to be changed, by whomever: off is off at once.
    if (found?.state.enabled === true && !wanted.enabled) await change.turn(flag, 'off');
    if (found === undefined) await change.create(flag);
    const { enabled, strategies } = found?.state ?? { enabled: false, strategies: [] };
    const now = await read(flag);
    const theirs = differs(now, { enabled: enabled && wanted.enabled, strategies });
    if (now === undefined || theirs !== undefined) return theirs;
    await change.setStrategies(flag, now, wanted.strategies);
    const set = await read(flag);
    // Turned on without a strategy, a flag would get one for everybody.
    const notSet = differs(set, { ...wanted, enabled: set?.state.enabled ?? false });
    if (notSet !== undefined || set?.state.enabled === wanted.enabled) return notSet;
    await change.turn(flag, wanted.enabled ? 'on' : 'off');
    return differs(await read(flag), wanted);
  };

  const remove = async (flag: string): Promise<void> => {
    const found = await read(flag);
    if (found === undefined) await change.removeArchived(flag);
    else await change.remove(flag, found);
  };

  return {
    read: async (flag) => {
      const found = await read(flag);
      return found && asJson(found.state);
    },
    foretell: (flag, wish) => Promise.resolve().then(() => asJson(foretell(flag, wish))),
    isHalfWritten: (_, between) => Promise.resolve(isBetweenStates(between)),
    write: (flag, value) =>
      turnsOf(flag)(async () => {
        if (value === undefined) return remove(flag);
        let difference: string | undefined;
        for (let tried = 0; tried < writesTried; tried += 1) {
          difference = await writeOnce(flag, value);
          if (difference === undefined) return;
        }
        const what = `flag ${flag} does not become what was written (${difference})`;
        const why = 'somebody else changes it, or Unleash keeps it differently';
        throw new PortError('Conflict', `Unleash at ${url}: ${what}; ${why}. Look at its event log there.`);
      }),
  };
}
