import type { ReleaseEvent } from './events';
import type { ReleaseState } from './state';

/** So often a stuck undo is told and kept in full; later tries with the same outcome once an hour. */
const stuckInFull = 3;
const tellAgainMs = 3_600_000;
const proofKey = 'proof';

const isQuiet = (state: ReleaseState, effect: string, atMs: number): boolean => {
  const { stuckCount = 0, toldAtMs = 0 } = state.compensations[effect] ?? {};
  return stuckCount >= stuckInFull && atMs - toldAtMs < tellAgainMs;
};

/**
 * Whether an event only says once more what was said within the hour: a try of something stuck that ended as before. It
 * is counted in the state (`stuckCount`) and is neither evidence nor news, or weeks of tries would fill the store.
 */
export function isRepeat(state: ReleaseState, event: ReleaseEvent, atMs: number): boolean {
  switch (event.type) {
    case 'compensation-stuck':
      return isQuiet(state, event.effect, atMs) && state.compensations[event.effect]?.detail === event.reason;
    case 'compensation-started':
      return isQuiet(state, event.effect, atMs) || isQuiet(state, proofKey, atMs);
    case 'compensation-verified':
      return event.effect !== proofKey && isQuiet(state, proofKey, atMs);
    case 'proof-taken':
      return !event.proof.isRestored && isQuiet(state, proofKey, atMs);
    default:
      return false;
  }
}

/** What may come without end and changes nothing but a count or a clock: left out and counted while the store is away for long. */
const endless: ReadonlySet<ReleaseEvent['type']> = new Set<ReleaseEvent['type']>([
  'gate-reminded',
  'message-refused',
  'paused',
  'resumed',
  'watch-changed',
  'split-lost',
  'split-restored',
  'drift-found',
  'drift-answered',
  'compensation-started',
  'compensation-verified',
  'compensation-stuck',
  'compensation-retried',
  'proof-taken',
]);

export const isEndless = ({ type }: ReleaseEvent): boolean => endless.has(type);
