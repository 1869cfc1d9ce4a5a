import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { answerToWriter, sentenceOfWriter } from '../core/drift/other-writer';
import type { ExposeStage } from '../core/plan/stages';
import { explain } from '../core/release/explain';
import { writerPlace } from '../core/release/explain-expose';
import type { WatchNotice } from '../core/release/messages';
import { causeOf, isActivityFault } from './faults';
import type { Run } from './run';

type LossNotice = Extract<WatchNotice, { kind: 'split-lost' }>;

/** Sets weights and members again that a proxy lost or something else changed, while the stage they belong to is the present one. */
export function createSplitLoss(run: Run, flush: () => void) {
  let scope: CancellationScope | undefined;
  let restoring: Promise<void> = Promise.resolve();

  async function restore(stage: ExposeStage): Promise<void> {
    const input = {
      permit: run.permit(),
      sealed: run.sealedEffect(`expose/${run.sealed().plan.service}`),
      canaryPercent: stage.canaryPercent,
      ...(stage.cohorts === undefined ? {} : { cohorts: stage.cohorts }),
    };
    const summary = `set the lost weights again: canary ${stage.canaryPercent} %`;
    try {
      const detail = await run.activities.effects.restoreSplit.executeWithOptions({ summary }, [input]);
      run.record({ type: 'split-restored', detail });
    } catch (error) {
      if (isCancellation(error)) return;
      if (!isActivityFault(error)) throw error;
      const { code, message } = causeOf(error);
      const reason = `the lost weights could not be set again: ${message}`;
      run.turnBack({ code: code === 'LeaseExpired' ? code : 'EffectFailed', reason });
    }
  }

  /** What another hand wrote is told; a share that cannot be held turns the release back. */
  function tellWriter(before: ReturnType<Run['state']>['otherWriter']): void {
    const { otherWriter } = run.state();
    if (otherWriter === undefined) return;
    const sentence = sentenceOfWriter(otherWriter, writerPlace(run.state()));
    switch (answerToWriter(otherWriter, before, run.sealed().plan.drift?.routes)) {
      case 'tell-change':
        return run.notify('held', `changed/${Date.now()}`, explain(run.state()).sentence);
      case 'tell-controller':
        return run.notify('held', `second-controller/${Date.now()}`, sentence);
      case 'roll-back':
        return run.turnBack({ code: 'SecondController', reason: sentence });
      case 'quiet':
    }
  }

  return {
    lose(stage: ExposeStage, { observed, isByHand }: LossNotice): void {
      const { splitLost, otherWriter } = run.state();
      if (splitLost !== undefined) return;
      run.record({ type: 'split-lost', observed, isByHand });
      if (isByHand) tellWriter(otherWriter);
      flush();
      if (run.isGoingBack()) return;
      scope = new CancellationScope({ cancellable: true });
      restoring = scope.run(() => restore(stage));
    },
    /** Ends a repair that is under way, so that it cannot expose anybody after the way back began. */
    end: async (): Promise<void> => {
      scope?.cancel();
      await restoring;
    },
  };
}
