import { CancellationScope, condition, sleep, workflowInfo } from '@temporalio/workflow';
import type { Publication } from '../core/evidence/publication';
import { crowdedFacts } from '../core/evidence/waiting';
import { explain } from '../core/release/explain';
import { notificationsOf, type PendingNotice } from '../core/release/notices';
import type { Taken } from './backlog';
import type { Carried, Run } from './run';
import { causeOf, isActivityFault } from './faults';

/** One publication stays far below the size a payload may have. */
const mostFacts = 200;
const refusedPauseMs = 300_000;
/** How often a recovery looks anew behind which facts of the lost run its own belong. */
const mostConflicts = 5;
/** What the store has not taken for so long is late, and a gap marker tells of it. */
const promptMs = 60_000;

const notificationsOfRun = (run: Run, notices: readonly PendingNotice[]): Publication['notifications'] =>
  notificationsOf(run.sealed().plan, workflowInfo().workflowId, notices);

function publicationOf(run: Run, taken: Taken): Publication {
  const state = run.state();
  const { plan, seal } = run.sealed();
  return {
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
}

/** Hands evidence and notices to the store; a release never waits for it before its end. */
export function createPublisher(run: Run) {
  const { backlog } = run;
  let isBusy = false;
  let isWanted = false;
  let hasBegun = false;
  let underWay: Taken | undefined;
  let conflicts = 0;

  /** A recovery goes on behind the facts that the lost run had stored. */
  async function findChain(): Promise<void> {
    if (backlog.isChainKnown()) return;
    const input = { release: run.sealed().seal.firstRunId };
    const options = { summary: 'find the end of the evidence' };
    backlog.followChain(await run.activities.notices.readLastSeq.executeWithOptions(options, [input]));
  }

  /** The last words of the lost run may come to the store after the first of this one. */
  const isOvertaken = (code: string): boolean =>
    run.state().grant !== undefined && code === 'Conflict' && (conflicts += 1) <= mostConflicts;

  /** Prompt where the store was there; else as patient as the store is away. */
  async function send(publication: Publication): Promise<void> {
    const isAway = run.state().storeAway !== undefined;
    const options = {
      summary: `${publication.evidence.length} facts, ${publication.notifications.length} notices`,
      ...(isAway ? {} : { scheduleToCloseTimeout: promptMs }),
    };
    await run.activities.notices.publish.executeWithOptions(options, [{ author: run.author(), publication }]);
  }

  /** The store took it: when it had been away, evidence itself says from when to when, how much and why. */
  function noteGap(taken: Taken): void {
    const { storeAway } = run.state();
    if (storeAway === undefined) return;
    const facts = taken.evidence.length + backlog.waiting().facts;
    const leftOut = backlog.takeLeftOut();
    const gap = { fromMs: storeAway.sinceMs, toMs: Date.now(), facts, why: storeAway.why, leftOut };
    run.record({ type: 'evidence-late', gap });
  }

  async function publishOnce(): Promise<void> {
    const sinceMs = Date.now();
    try {
      await findChain();
      const taken = backlog.take(mostFacts);
      underWay = taken;
      await send(publicationOf(run, taken));
      underWay = undefined;
      noteGap(taken);
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      if (underWay !== undefined) backlog.putBack(underWay);
      underWay = undefined;
      isWanted = true;
      const wasAway = run.state().storeAway !== undefined;
      const { code, message } = causeOf(error);
      if (isOvertaken(code)) return backlog.followChain(undefined);
      run.record({ type: 'store-away', sinceMs, why: message.slice(0, 500) });
      // A store that refuses is a fault to mend: asked again seldom, so that the history stays small.
      const isRefused = wasAway || !['TargetUnavailable', 'NotConverged', 'TimeoutFailure'].includes(code);
      if (isRefused) await sleep(refusedPauseMs, { summary: 'ask the store again' });
    }
  }

  const isUrgent = (): boolean =>
    !hasBegun ||
    run.isGoingBack() ||
    backlog.waiting().facts >= crowdedFacts ||
    notificationsOfRun(run, backlog.waiting().notices).length > 0;

  const hasUnpublished = (): boolean => backlog.waiting().facts + backlog.waiting().notices.length > 0;

  // One batch a request: facts that come while a batch is written wait for the next one, as each costs six events.
  async function work(): Promise<void> {
    isBusy = true;
    try {
      do {
        isWanted = false;
        await publishOnce();
      } while (isWanted && hasUnpublished());
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
      while (hasUnpublished()) await work();
    },
    /** What the next run goes on from, with what may not have reached the store. */
    carry(): Carried {
      if (underWay !== undefined) backlog.putBack(underWay);
      underWay = undefined;
      return run.carry();
    },
  };
}

export type Publisher = ReturnType<typeof createPublisher>;
