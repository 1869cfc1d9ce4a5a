import { without } from '../without';
import type { ReleaseEvent } from './events';
import type { ReleaseState } from './state';

const mostGaps = 50;

/** How evidence reaches the store, also after the ending; undefined for an event of another kind. */
export function applyStore(state: ReleaseState, event: ReleaseEvent): ReleaseState | undefined {
  switch (event.type) {
    case 'store-away':
      return state.storeAway === undefined
        ? { ...state, storeAway: { sinceMs: event.sinceMs, why: event.why } }
        : state;
    case 'evidence-late':
      return { ...without(state, 'storeAway'), gaps: [...state.gaps, event.gap].slice(-mostGaps) };
    default:
      return undefined;
  }
}
