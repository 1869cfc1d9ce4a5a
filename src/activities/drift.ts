import { CancelledFailure } from '@temporalio/common';
import { isSameJson } from '../core/canonical';
import { isSetting } from '../core/drift/drift';
import type { SealedEffect } from '../core/plan/effects';
import { flagText } from '../core/plan/flag-text';
import type { Permit } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import { keepAlive } from './keep-alive';
import { openEffect } from './permit';
import type { Ports } from './ports';

export type WatchSettingsInput = {
  readonly permit: Permit;
  /** What was set and must stay. */
  readonly effects: readonly SealedEffect[];
  /** What is known to differ and is left as it is, as it was found, by effect. */
  readonly known: { readonly [effect: string]: string };
};

/** `observed` is left out where it reads as the release set it again. */
export type SettingSeen = { readonly effect: string; readonly observed?: string };

const lookEveryMs = 1_500;
/** One look may fall into the middle of somebody's change. */
const lookAgainMs = 250;
/** It lasts for hours beside every release, and its end is no matter of a second. */
const beatEveryMs = 1_500;

/** What is there instead of what was set; undefined where it is as set. */
async function readOther(ports: Ports, permit: Permit, sealed: SealedEffect): Promise<string | undefined> {
  if (sealed.effect.kind === 'configure') {
    const { target, set } = openEffect(ports, permit, sealed, 'configure');
    const isApplied = await ports.configuration(target).isApplied(permit.roles, set);
    return isApplied ? undefined : `other values of ${Object.keys(set).join(', ')} in ${permit.roles.canary}`;
  }
  const { target, flag, value } = openEffect(ports, permit, sealed, 'flag');
  const flags = ports.flags(target);
  const found = await flags.read(flag);
  if (found === undefined) return 'no such flag';
  return isSameJson(found, await flags.foretell(flag, { found, value })) ? undefined : flagText(found);
}

/** Looks after what a release set once: flags and configuration. */
export const createDriftActivities = (ports: Ports) => ({
  /** Only reads; comes back when something reads differently than it is known to. */
  watchSettings: ({ permit, effects, known }: WatchSettingsInput): Promise<SettingSeen> =>
    keepAlive(async (signal) => {
      const isNews = async (sealed: SealedEffect): Promise<{ readonly observed: string | undefined } | undefined> => {
        try {
          const observed = await readOther(ports, permit, sealed);
          return observed === known[sealed.effect.key] ? undefined : { observed };
        } catch (error) {
          // What cannot be read is not known to differ.
          if (error instanceof PortError) return undefined;
          throw error;
        }
      };
      const settings = effects.filter(({ effect }) => isSetting(effect));
      for (;;) {
        for (const sealed of settings) {
          const first = await isNews(sealed);
          if (first === undefined) continue;
          await ports.sleep(lookAgainMs);
          const news = await isNews(sealed);
          if (news === undefined || news.observed !== first.observed) continue;
          const { key } = sealed.effect;
          return { effect: key, ...(news.observed === undefined ? {} : { observed: news.observed }) };
        }
        if (signal.aborted) throw new CancelledFailure('the watch over what was set was told to end');
        await ports.sleep(lookEveryMs);
      }
    }, beatEveryMs),
});
