import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { describeMembers } from '../../core/cohorts/members';
import type { Reading, Verdict, WatchView } from '../../core/analysis/types';
import type { SealedEffect } from '../../core/plan/effects';
import type { MetricRule, Permit, Plan } from '../../core/plan/plan';
import type { ExposeStage } from '../../core/plan/stages';
import { asJson } from '../../core/json';
import { messageNames, type WatchNotice } from '../../core/release/messages';
import { PortError } from '../../ports/errors';
import type { Split, TrafficReading } from '../../ports/traffic';
import { openEffect } from '../permit';
import type { Ports } from '../ports';
import { createBegunStage } from './begun-stage';
import { createCapacityPoll } from './capacity-poll';
import { isWatchHeartbeat, type WatchHeartbeat } from './heartbeat';
import { createLeakProbe } from './leak-probe';
import { createLeaseWatch } from './lease-watch';
import { createNews } from './news';
import { createPace } from './pace';
import { createPrometheusPoll } from './prometheus-poll';
import { createSampleBuffer } from './sample-buffer';
import { tickWatch, type ProxyReading, type TickResult, type WatchRules } from './watch';
import { newWatch, type WatchState } from './watch-state';

export type ObserveInput = {
  readonly permit: Permit;
  readonly sealed: SealedEffect;
  readonly watchId: string;
  readonly stages: readonly ExposeStage[];
  readonly stageIndex: number;
  readonly metrics: readonly MetricRule[];
  readonly noData: Plan['noData'];
  /** Left out where the plan declares none. */
  readonly risk?: Plan['risk'];
  /** Left out where the plan bounds nothing, and on the way back. */
  readonly budget?: Plan['budget'];
  /** Where the platform says what the baseline can carry; left out where it does not, and on the way back. */
  readonly baseline?: { readonly deploy: SealedEffect; readonly service: string };
  /** Where an earlier watch was, after a continue-as-new. */
  readonly carried?: WatchState;
};

/** A watch returns only to turn back; to advance it tells the workflow and goes on watching. */
export type ObserveResult = {
  readonly code: 'GuardrailBroken' | 'NoData' | 'LeaseExpired';
  readonly reason: string;
  readonly metric?: string;
  readonly stageId: string;
  readonly verdicts: readonly Verdict[];
  readonly view: WatchView;
};

const tellLostSplitEveryMs = 1_000;
const longestLostTellMs = 60_000;
const readsBeforeLost = 3;
/** A shift shows at the proxy before the server knows that its stage has begun. */
const longestUnknownMs = 2_000;

async function readProxy(read: () => Promise<ProxyReading>): Promise<ProxyReading> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PortError) return { kind: 'unread', detail: error.message };
    throw error;
  }
}

function describeSeen(split: Split | undefined): string {
  if (split === undefined) return 'unread';
  const { blue, green, members } = split;
  return JSON.stringify({ blue, green }) + describeMembers(members);
}

function createNotices(ports: Ports, input: ObserveInput, attempt: number) {
  const intervals = input.metrics.map((rule) => ('target' in rule ? ports.scrapeIntervalMs(rule.target) : 0));
  const news = createNews(2 * Math.max(0, ...intervals));
  let lostReads = 0;
  let nextLostTellMs = 0;
  let lostTold = 0;
  let tooFarSinceMs: number | undefined;
  let lastTraffic: TrafficReading | undefined;
  const tell = (notice: WatchNotice): Promise<void> =>
    ports.signalRelease(input.permit.seal.workflowId, messageNames.watched, notice);
  return {
    async tellClass(result: TickResult): Promise<void> {
      const next = news.of(result);
      if (next === undefined) return;
      const { decision, verdicts, view } = result;
      const { stageId } = view;
      const { reason } = decision;
      await tell({ kind: 'class', watchId: input.watchId, attempt, stageId, class: next, reason, verdicts });
      news.note(result, next);
    },
    async tellSplit({ split, state, view }: TickResult, proxy: ProxyReading, nowMs: number): Promise<void> {
      const traffic = proxy.kind === 'read' ? proxy.traffic : undefined;
      // The same reading looked at again is no second witness: it may have fallen between two writes of a shift.
      if (traffic !== undefined && traffic === lastTraffic) return;
      lastTraffic = traffic;
      lostReads = split === 'lost' ? lostReads + 1 : 0;
      tooFarSinceMs = split === 'too-far' ? (tooFarSinceMs ?? nowMs) : undefined;
      const isTooFar = tooFarSinceMs !== undefined && nowMs - tooFarSinceMs >= longestUnknownMs;
      if (lostReads === 0 && !isTooFar) lostTold = 0;
      if ((lostReads < readsBeforeLost && !isTooFar) || nowMs < nextLostTellMs) return;
      // On the way back the weights are no stage's for long, and each notice is an event of the history.
      nextLostTellMs = nowMs + Math.min(tellLostSplitEveryMs * 2 ** lostTold, longestLostTellMs);
      lostTold += 1;
      const observed = traffic?.disagreement ?? describeSeen(traffic?.split);
      // Nothing restarted, so another hand wrote them, at one proxy or at all.
      const isByHand = traffic !== undefined && traffic.processes === state.processes;
      await tell({ kind: 'split-lost', watchId: input.watchId, attempt, stageId: view.stageId, observed, isByHand });
    },
  };
}

function pollCapacity(ports: Ports, { permit, baseline }: ObserveInput) {
  if (baseline === undefined) return undefined;
  const deployer = ports.deployer(openEffect(ports, permit, baseline.deploy, 'deploy').target);
  return createCapacityPoll({ deployer, slot: permit.roles.baseline, service: baseline.service }, ports.now);
}

/** Watches an exposure until it must turn back or is cancelled. */
export const createObserveActivities = (ports: Ports, pace = createPace()) => ({
  observe: async (input: ObserveInput): Promise<ObserveResult> => {
    const effect = openEffect(ports, input.permit, input.sealed, 'expose');
    const { target } = effect;
    const context = Context.current();
    const traffic = ports.traffic(target);
    const rules: WatchRules = {
      roles: input.permit.roles,
      stages: input.stages,
      metrics: input.metrics,
      noData: input.noData,
      risk: input.risk,
      budget: input.budget,
    };
    const details: unknown = context.info.heartbeatDetails;
    let state = isWatchHeartbeat(details) ? details.state : (input.carried ?? newWatch(input.stageIndex));
    const notices = createNotices(ports, input, context.info.attempt);
    const run = { workflowId: input.permit.seal.workflowId, runId: context.info.workflowExecution?.runId };
    // Whoever watched before is dead or stuck, and probably had the release in memory: what is found now need not wait for it.
    if (context.info.attempt > 1 && run.runId !== undefined)
      void ports.resetStickyQueue(run.workflowId, run.runId).catch(() => undefined);
    const begun = createBegunStage(ports, run, input.stages, Math.max(input.stageIndex, state.stageIndex));
    const buffer = createSampleBuffer(ports.store, input.permit.seal.firstRunId);
    const poll = createPrometheusPoll(ports, input.metrics, input.permit.roles);
    const release = input.permit.seal.firstRunId;
    const probe = createLeakProbe(ports, { target, roles: rules.roles, stages: input.stages, release });
    const lease = createLeaseWatch(ports, input.permit, effect);
    const capacity = pollCapacity(ports, input);
    let lastMs = ports.now();
    let lastBeatMs = 0;
    pace.join();
    try {
      for (;;) {
        const proxy = await readProxy(async () => ({ kind: 'read', traffic: await traffic.read() }));
        const atMs = ports.now();
        const others: { readonly [metric: string]: Reading } = poll.take(atMs);
        const result = tickWatch(state, rules, {
          atMs,
          elapsedMs: Math.max(0, atMs - lastMs),
          begunIndex: begun.index(),
          proxy,
          leak: probe.take(state.stageIndex, atMs),
          others,
          baselineGap: capacity?.look(proxy.kind === 'read' ? proxy.traffic : undefined),
        });
        lastMs = atMs;
        state = result.state;
        if (result.split === 'too-far') begun.askAgain();
        if (atMs - lastBeatMs >= pace.beatEveryMs()) {
          lastBeatMs = atMs;
          const heartbeat: WatchHeartbeat = { state, view: result.view };
          context.heartbeat(heartbeat);
        }
        buffer.add(atMs, result.decision.action, () =>
          asJson({ proxy, others, decision: result.decision, stage: result.view.stageId }),
        );
        if (result.decision.action === 'roll-back') return turnBack(result);
        const loss = lease.look(result.view.canaryPercentWanted);
        if (loss !== undefined) return loseLease(result, loss);
        if (context.cancellationSignal.aborted) throw new CancelledFailure('the watch was told to end');
        await notices.tellSplit(result, proxy, atMs);
        await notices.tellClass(result);
        await ports.sleep(Math.max(5, pace.lookEveryMs() - (ports.now() - atMs)));
      }
    } finally {
      pace.leave();
      poll.stop();
      void buffer.end();
    }
  },
});

const loseLease = ({ verdicts, view }: TickResult, reason: string): ObserveResult => ({
  code: 'LeaseExpired',
  reason,
  stageId: view.stageId,
  verdicts,
  view,
});

function turnBack({ decision, verdicts, view }: TickResult): ObserveResult {
  const metric = decision.action === 'roll-back' ? decision.metric : undefined;
  return {
    code: metric === undefined ? 'NoData' : 'GuardrailBroken',
    reason: decision.reason,
    stageId: view.stageId,
    verdicts,
    view,
    ...(metric === undefined ? {} : { metric }),
  };
}
