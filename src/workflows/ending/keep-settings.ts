import { CancellationScope } from '@temporalio/workflow';
import { answerTo, isSetting, pauseAfterDrift, type DriftSeen } from '../../core/drift/drift';
import type { SealedEffect } from '../../core/plan/effects';
import { plural } from '../../core/plural';
import { causeOf, isActivityFault, type Cause } from '../faults';
import type { EndingLeft, ReconcileInput } from '../reconcile';
import type { Connected } from '../retries';
import { watchInTurns } from '../watch-in-turns';
import type { EndingNews } from './news';

const longestRepair = '1 minute';
/** Faults that the same write meets again. */
const isFinal = ({ code }: Cause): boolean => code === 'Conflict' || code === 'Rejected';

/** Watches flags and configuration of an ending and answers what changes as policy says, until a later release has begun. */
export function keepSettings(
  { permit, isPromoted, endedBy }: ReconcileInput,
  { settings: effects, rule, kept, thrown = {} }: EndingLeft,
  { afterwards, undo, news }: Pick<Connected, 'afterwards' | 'undo'> & { readonly news: EndingNews },
): Promise<'superseded'> {
  const ending = { permit, isPromoted, endedBy, kept };
  const counts = new Map<string, number>();
  /** What is left as it is, by key. */
  const known = new Map(Object.entries(thrown));
  const wanted = isPromoted ? 'what the release set' : 'what was there before';
  let isSuperseded = false;

  async function setBack(sealed: SealedEffect): Promise<Cause | undefined> {
    const { key } = sealed.effect;
    const options = { summary: `set ${key} back`, scheduleToCloseTimeout: longestRepair } as const;
    try {
      const outcome = await CancellationScope.nonCancellable(() =>
        undo.restoreEndedSetting.executeWithOptions(options, [{ ...ending, sealed }]),
      );
      isSuperseded = outcome === 'superseded';
      return undefined;
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      return causeOf(error);
    }
  }

  async function meet({ effect: key, observed }: DriftSeen): Promise<number> {
    const sealed = effects.find(({ effect }) => effect.key === key);
    if (sealed === undefined || !isSetting(sealed.effect)) return 0;
    const count = (counts.get(key) ?? 0) + (observed === undefined ? 0 : 1);
    counts.set(key, count);
    if (observed === undefined) {
      known.delete(key);
      news.tell({ of: key, wanted, count });
      return 0;
    }
    if (answerTo(sealed.effect, rule) === 'tell') {
      known.set(key, observed);
      news.tell({ of: key, observed, wanted, count, isLeft: true });
      return 0;
    }
    const fault = await setBack(sealed);
    if (isSuperseded) return 0;
    if (fault !== undefined && isFinal(fault)) known.set(key, observed);
    news.tell({ of: key, observed, wanted, count, ...(fault === undefined ? {} : { fault: fault.message }) });
    return pauseAfterDrift(count);
  }

  return watchInTurns({
    keys: effects.map(({ effect }) => effect.key),
    meet,
    look: async (keys, forMs) => {
      if (isSuperseded) return 'superseded';
      const watched = effects.filter(({ effect }) => keys.includes(effect.key));
      return afterwards.watchEndedSettings.executeWithOptions(
        { summary: `watch ${plural(watched.length, 'setting')}` },
        [
          {
            ...ending,
            effects: watched,
            known: Object.fromEntries(known),
            ...(forMs === undefined ? {} : { forMs }),
          },
        ],
      );
    },
  });
}
