import { without } from '../without';
import type { ReleaseState } from './state';

/**
 * The state without a loss of the split that is not set right yet: the watch of the run that goes on finds it anew, and tells
 * and counts it then.
 */
export function beforeLoss(state: ReleaseState): ReleaseState {
  const { splitLost, otherWriter } = state;
  const settled = without(state, 'splitLost');
  if (splitLost?.isByHand !== true || otherWriter === undefined) return settled;
  if (otherWriter.count <= 1) return without(settled, 'otherWriter');
  return { ...settled, otherWriter: { ...otherWriter, count: otherWriter.count - 1 } };
}
