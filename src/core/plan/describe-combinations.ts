import { plural } from '../plural';
import type { Plan } from './plan';
import type { GateRule } from './stages';

/** The pairs of settings that nobody has had yet, and what the policy says of them; nothing where there are no pairs. */
export function describeCombinations({ combinations }: Pick<Plan, 'combinations'>): readonly string[] {
  if (combinations === undefined || combinations.met === 0) return [];
  const { met, unexercised, notKnown } = combinations;
  const { count, shown } = unexercised;
  const more = count - shown.length;
  return [
    count === 0
      ? `Users will meet ${plural(met, 'new pair')}; each was exercised by a promoted release.`
      : `Never exercised: ${count} of the ${plural(met, 'new pair')} that users will meet.`,
    ...shown,
    ...(more > 0 ? [`And ${more} more.`] : []),
    ...notKnown,
  ];
}

/** What whoever stands at this gate is asked about; nothing at other gates. */
export const askedAtGate = (plan: Pick<Plan, 'combinations'>, { reason }: GateRule): readonly string[] =>
  reason === undefined ? [] : describeCombinations(plan);
