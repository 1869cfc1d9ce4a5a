import { exercisedByAny } from './exercised';
import { pairsMet } from './pairs';
import { pairSentence } from './pair-sentence';
import type { CombinationAnswer, Combinations, Setting } from './setting';

/** More settings than these are not put into pairs: their number grows with the square. */
const mostSettings = 200;
const mostShown = 20;

/** How many of the newest promoted releases of a service are asked what they exercised. */
export const mostPromoted = 200;

export type FoundSettings = {
  readonly settings: readonly Setting[];
  /** What promoted releases of the service set, or why nobody can tell. */
  readonly promoted: { readonly answer: readonly (readonly Setting[])[] } | { readonly fault: string };
  /** Why the present value of a setting is not known. */
  readonly faults: readonly string[];
};

/** Which pairs that users will meet nobody has had yet. What is not known counts as never exercised. */
export function judgeCombinations(
  { settings, promoted, faults }: FoundSettings,
  answer: CombinationAnswer,
): Combinations {
  const paired = settings.slice(0, mostSettings);
  const pairs = pairsMet(paired);
  const isExercised = exercisedByAny('answer' in promoted ? promoted.answer : []);
  const unexercised = pairs.filter((pair) => !isExercised(pair));
  const left = settings.length - paired.length;
  return {
    answer,
    settings: paired,
    met: pairs.length,
    unexercised: { count: unexercised.length, shown: unexercised.slice(0, mostShown).map(pairSentence) },
    notKnown: [
      ...('fault' in promoted && pairs.length > 0
        ? [`What earlier releases exercised is not known: ${promoted.fault}`]
        : []),
      ...faults,
      ...(left === 0
        ? []
        : [`${left} more settings are not paired: a release is checked for ${mostSettings} of them.`]),
    ],
  };
}

/** Whether every pair that users will meet is known to have been exercised. */
export const isAllExercised = ({ unexercised, notKnown }: Combinations): boolean =>
  unexercised.count === 0 && notKnown.length === 0;
