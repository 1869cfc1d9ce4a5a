import { isSameJson } from '../../core/canonical';
import type { FlagBetween } from '../../ports/flags';
import { parseState, type UnleashState } from './unleash-state';

/** A flag that is not there is made off and without strategies. */
const fresh: UnleashState = { enabled: false, strategies: [] };

/**
 * Whether a flag stands as a write leaves it between its first request and its last: on only where it was on and stays on, with
 * strategies of before and of after. A flag that is removed goes at once.
 */
export function isBetweenStates({ found, from, to }: FlagBetween): boolean {
  const now = parseState(found).state;
  const before = from === undefined ? fresh : parseState(from).state;
  const after = parseState(to).state;
  if (now === undefined || before === undefined || after === undefined) return false;
  const isKnown = (strategy: unknown): boolean =>
    [...before.strategies, ...after.strategies].some((each) => isSameJson(each, strategy));
  return (
    now.enabled === (before.enabled && after.enabled) &&
    now.strategies.length <= Math.max(before.strategies.length, after.strategies.length) &&
    now.strategies.every(isKnown)
  );
}
