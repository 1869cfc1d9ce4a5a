import { CancellationScope, isCancellation, patched, uuid4 } from '@temporalio/workflow';
import type { ObserveInput, ObserveResult } from '../activities/observe/observe';
import type { WatchState } from '../activities/observe/watch-state';
import type { ExposeStage } from '../core/plan/stages';
import { saysCapacity } from '../core/release/capacity';
import type { Failure } from '../core/release/events';
import { isLateNotice, newestAttempt } from '../core/release/late-notice';
import type { WatchNotice } from '../core/release/messages';
import { isDraining } from '../core/release/way-back';
import { causeOf, isActivityFault } from './faults';
import type { Run } from './run';
import { createSplitLoss } from './split-loss';

const exposuresOf = (run: Run): readonly ExposeStage[] =>
  run.sealed().plan.stages.filter((stage): stage is ExposeStage => stage.kind === 'expose');

/** Only where the platform said at the start what the baseline can carry: else it has nothing to be asked. */
function baselineOf(run: Run): Pick<ObserveInput, 'baseline'> {
  const { service } = run.sealed().plan;
  const { snapshot } = run.state();
  if (run.isGoingBack() || snapshot === undefined || !saysCapacity(snapshot.world.slots[snapshot.roles.baseline]))
    return {};
  return { baseline: { deploy: run.sealedEffect(`deploy/${service}`), service } };
}

const failureOf = ({ code, reason, metric }: ObserveResult): Failure => ({
  code,
  reason,
  ...(metric === undefined ? {} : { metric }),
});

/** The one running watch of an exposure: it lives from before the first shift until the last user is gone. */
export function createWatch(run: Run, flush: () => void) {
  let scope: CancellationScope | undefined;
  let watchId: string | undefined;
  let heard = 0;
  const loss = createSplitLoss(run, flush);

  /** Watches until it turns the release back, and while a breach is drained goes on with what is not broken. */
  async function observe(id: string, stageIndex: number, carried: WatchState | undefined): Promise<void> {
    const { failure } = run.state();
    const broken = failure?.metric === undefined ? [] : [failure.metric];
    let found = await look(id, stageIndex, broken, carried);
    if (!run.isGoingBack()) {
      run.turnBack(failureOf(found), found.verdicts);
      if (!isDraining(run.state())) return;
      found = await look(id, stageIndex, found.metric === undefined ? broken : [...broken, found.metric], undefined);
    }
    run.escalate(found.reason);
  }

  function look(
    id: string,
    stageIndex: number,
    without: readonly string[],
    carried: WatchState | undefined,
  ): Promise<ObserveResult> {
    const { plan } = run.sealed();
    return run.activities.observe.observe.executeWithOptions({ summary: `watch ${plan.service} ${plan.version}` }, [
      {
        permit: run.permit(),
        sealed: run.sealedEffect(`expose/${plan.service}`),
        watchId: id,
        stages: exposuresOf(run),
        stageIndex,
        metrics: plan.metrics.filter(({ name }) => !without.includes(name)),
        noData: plan.noData,
        ...(plan.risk === undefined ? {} : { risk: plan.risk }),
        // On the way back the budget is spent already, and nothing but evidence may hurry a drain.
        ...(plan.budget === undefined || run.isGoingBack() ? {} : { budget: plan.budget }),
        ...baselineOf(run),
        ...(carried === undefined ? {} : { carried }),
      },
    ]);
  }

  function loseSplit(notice: Extract<WatchNotice, { kind: 'split-lost' }>): void {
    const stage = exposuresOf(run).find(({ id }) => id === notice.stageId);
    if (stage !== undefined) loss.lose(stage, notice);
  }

  return {
    isRunning: (): boolean => scope !== undefined,
    /** Schedules the watch; the shift that follows is scheduled after it, so that nobody is exposed unobserved. */
    start(stageId: string, carried?: WatchState): void {
      if (scope !== undefined) return;
      const stageIndex = Math.max(
        0,
        exposuresOf(run).findIndex(({ id }) => id === stageId),
      );
      const id = uuid4();
      watchId = id;
      heard = 0;
      // No part of the stage that asks for it: what cuts the stages short, a new run, must not blind anybody.
      void CancellationScope.nonCancellable(() => {
        scope = new CancellationScope({ cancellable: true });
        return scope.run(() => observe(id, stageIndex, carried));
      }).catch((error: unknown) => {
        if (isCancellation(error)) return;
        if (!isActivityFault(error)) throw error;
        const reason = `the watch ended: ${causeOf(error).message}`;
        if (!run.escalate(reason)) run.turnBack({ code: 'WatchFailed', reason });
      });
    },
    /** Ends a repair of the weights that is under way, so that it cannot expose anybody after the way back began. */
    endRepair: loss.end,
    stop(): void {
      scope?.cancel();
      scope = undefined;
      watchId = undefined;
    },
    /** Takes what the watch says; a notice of another watch, of an attempt that was replaced or of a stage that is over changes nothing. */
    hear: (notice: WatchNotice): void => {
      const { stage, failure, phase } = run.state();
      const isOver = failure !== undefined || stage === undefined || phase === 'Promoted';
      if (notice.watchId !== watchId || isOver) return;
      // A release that began before went on as the last notice said.
      if (isLateNotice(notice, heard, run.state(), exposuresOf(run)) && patched('late-notices')) return;
      heard = newestAttempt(notice, heard);
      if (notice.kind === 'split-lost') return loseSplit(notice);
      const { stageId, reason, verdicts } = notice;
      run.record({ type: 'watch-changed', stageId, class: notice.class, reason, verdicts });
      if (notice.class === 'advance' || notice.class === 'baking') return;
      run.notify('held', `held/${stageId}/${Date.now()}`, reason);
      flush();
    },
  };
}

export type Watch = ReturnType<typeof createWatch>;
