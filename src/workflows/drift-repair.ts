import { isCancellation } from '@temporalio/workflow';
import type { SealedEffect } from '../core/plan/effects';
import { causeOf, isActivityFault } from './faults';
import type { Run } from './run';

/** Sets again what something else changed. */
export function createDriftRepair(run: Run) {
  let underWay = 0;
  return {
    isUnderWay: (): boolean => underWay > 0,
    async repair(sealed: SealedEffect): Promise<void> {
      const { effects } = run.activities;
      const { key, kind } = sealed.effect;
      const activity = kind === 'configure' ? effects.configure : effects.setFlag;
      underWay += 1;
      try {
        await activity.executeWithOptions({ summary: `set ${key} again` }, [{ permit: run.permit(), sealed }]);
        run.record({ type: 'drift-answered', effect: key });
      } catch (error) {
        if (isCancellation(error) || !isActivityFault(error)) throw error;
        run.record({ type: 'drift-answered', effect: key, fault: causeOf(error).message });
      } finally {
        underWay -= 1;
      }
    },
  };
}
