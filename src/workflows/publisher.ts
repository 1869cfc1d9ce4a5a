import { CancellationScope, condition, sleep, workflowInfo } from '@temporalio/workflow';
import type { Publication } from '../core/evidence/publication';
import { explain } from '../core/release/explain';
import { notificationsOf, type PendingNotice } from '../core/release/notices';
import type { Carried, Run, Taken } from './run';
import { isActivityFault } from './faults';

/** One publication stays far below the size a payload may have. */
const mostFacts = 200;
const refusedPauseMs = 300_000;

const notificationsOfRun = (run: Run, notices: readonly PendingNotice[]): Publication['notifications'] =>
  notificationsOf(run.sealed().plan, workflowInfo().workflowId, notices);

/** Hands evidence and notices to the store; a release never waits for it before its end. */
export function createPublisher(run: Run) {
  let isBusy = false;
  let isWanted = false;
  let hasBegun = false;
  let underWay: Taken | undefined;

  async function publishOnce(): Promise<void> {
    const taken = run.takeUnpublished(mostFacts);
    underWay = taken;
    const state = run.state();
    const { plan, seal } = run.sealed();
    const publication: Publication = {
      row: {
        release: seal.firstRunId,
        service: plan.service,
        environment: plan.environment,
        version: plan.version,
        phase: state.phase,
        planDigest: seal.planDigest,
        sentence: explain(state).sentence,
        startedAt: new Date(state.startedAtMs).toISOString(),
        ...(state.endedAtMs === undefined ? {} : { endedAt: new Date(state.endedAtMs).toISOString() }),
      },
      evidence: taken.evidence,
      notifications: notificationsOfRun(run, taken.notices),
    };
    const options = { summary: `${taken.evidence.length} facts, ${publication.notifications.length} notices` };
    try {
      // No local activity: one that is run again for the same workflow task would write the same facts with other times.
      await run.activities.notices.publish.executeWithOptions(options, [publication]);
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      underWay = undefined;
      run.putBack(taken);
      isWanted = true;
      // A store that refuses is a fault to mend: asked again seldom, so that the history stays small.
      await sleep(refusedPauseMs, { summary: 'ask the store again' });
    }
    underWay = undefined;
  }

  const isUrgent = (): boolean =>
    !hasBegun || run.isGoingBack() || notificationsOfRun(run, run.carry().notices).length > 0;

  // One batch a request: facts that come while a batch is written wait for the next one, as each costs six events.
  async function work(): Promise<void> {
    isBusy = true;
    try {
      do {
        isWanted = false;
        await publishOnce();
      } while (isWanted && run.hasUnpublished());
    } finally {
      isBusy = false;
    }
  }

  return {
    /** Starts publishing what there is where somebody waits for it, else leaves it for the next news; returns at once. */
    flush: (): void => {
      if (run.state().sealed === undefined || !isUrgent()) return;
      isWanted = true;
      hasBegun = true;
      // A stage asks for it in a scope that a rollback cancels; evidence must not go with the stage.
      if (!isBusy) void CancellationScope.nonCancellable(work);
    },
    /** Returns when everything is in the store, however long that takes. */
    async drain(): Promise<void> {
      if (run.state().sealed === undefined) return;
      await condition(() => !isBusy);
      while (run.hasUnpublished()) await work();
    },
    /** What the next run goes on from, with what may not have reached the store. */
    carry(): Carried {
      if (underWay !== undefined) run.putBack(underWay);
      underWay = undefined;
      return run.carry();
    },
  };
}

export type Publisher = ReturnType<typeof createPublisher>;
