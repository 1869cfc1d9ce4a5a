import { z } from 'zod';
import { isSameJson } from '../../core/canonical';
import { PortError } from '../../ports/errors';
import type { AskUnleash } from './ask-unleash';
import type { UnleashFeature, UnleashPlace } from './unleash-feature';
import { normalised, type UnleashStrategy } from './unleash-state';

/** How a flag that we made is known again: only such a one is ever deleted. */
const madeByUs = 'Made by a Spillway release.';

const archiveSchema = z.object({
  features: z.array(z.object({ name: z.string(), description: z.string().nullish() })),
});

/** What Unleash hands out again in the same way: the variant with the greater weight gets the rest. */
const asSent = (strategy: UnleashStrategy) => ({
  ...strategy,
  variants: [...strategy.variants].sort((a, b) => b.weight - a.weight),
});

/** The changes to one flag. */
export function createUnleashChanges(ask: AskUnleash, { url, project, environment }: UnleashPlace) {
  const features = ['projects', project, 'features'];
  const inEnvironment = (flag: string) => [...features, flag, 'environments', environment];
  const empty = (flag: string) =>
    ask({ method: 'DELETE', path: ['archive', flag], about: `delete flag ${flag}`, mayBeMissing: true });

  return {
    /** Off, in every environment, and without strategies. */
    create: (flag: string) =>
      ask({
        method: 'POST',
        path: features,
        body: { name: flag, type: 'release', description: madeByUs },
        about: `make flag ${flag}`,
      }),

    turn: (flag: string, to: 'on' | 'off') =>
      ask({ method: 'POST', path: [...inEnvironment(flag), to], about: `turn flag ${flag} ${to}` }),

    /**
     * There is always a strategy that was there before or is wanted: users see the old ones, the new ones, or some of both,
     * never a flag without any, which would be on for everybody.
     */
    async setStrategies(flag: string, found: UnleashFeature, wanted: readonly UnleashStrategy[]): Promise<void> {
      const path = [...inEnvironment(flag), 'strategies'];
      const about = `strategies of flag ${flag}`;
      const firstFree = 1 + Math.max(-1, ...found.strategies.map(({ sortOrder }) => sortOrder));
      for (const [index, strategy] of wanted.entries()) {
        const body = asSent(strategy);
        const existing = found.strategies[index];
        if (existing === undefined) {
          // An update does not move a strategy, so what is new comes behind all that was there.
          await ask({ method: 'POST', path, body: { ...body, sortOrder: firstFree + index }, about });
        } else if (!isSameJson(normalised(existing), strategy)) {
          await ask({ method: 'PUT', path: [...path, existing.id], body, about });
        }
      }
      for (const { id } of found.strategies.slice(wanted.length))
        await ask({ method: 'DELETE', path: [...path, id], about, mayBeMissing: true });
    },

    /**
     * Out of the archive too, where its name could not be used again.
     * @throws PortError Conflict for a flag that somebody else made or uses in another environment.
     */
    async remove(flag: string, { description, onElsewhere }: UnleashFeature): Promise<void> {
      const kept = (why: string) =>
        new PortError(
          'Conflict',
          `Unleash at ${url}: flag ${flag} was not there before, and is not deleted because ${why}. Archive it by hand, or keep it and waive this.`,
        );
      if (description !== madeByUs) throw kept('somebody else made it since, or changed its description');
      if (onElsewhere.length > 0) throw kept(`it is on in ${onElsewhere.join(', ')}`);
      await ask({ method: 'DELETE', path: [...features, flag], about: `delete flag ${flag}`, mayBeMissing: true });
      await empty(flag);
    },

    /** The other half of a removal that was interrupted; what somebody else archived stays there. */
    async removeArchived(flag: string): Promise<void> {
      const query = { project: `IS:${project}`, query: flag, archived: 'IS:true', limit: '100' };
      const about = `flag ${flag} in the archive`;
      const answer = await ask({ method: 'GET', path: ['search', 'features'], query, about, mayBeMissing: true });
      const found = archiveSchema.safeParse(answer?.body);
      if (found.data?.features.some(({ name, description }) => name === flag && description === madeByUs) === true)
        await empty(flag);
    },
  };
}
