import type { SealedPlan } from '../../src/core/plan/plan';
import type { Slots } from '../../src/core/plan/effects';
import type { Fate } from './activities/fate';
import type { Target } from './activities/model';
import { createWatcher } from './activities/watcher';
import { createActivityWorker } from './activities/worker';
import { createAgenda } from './agenda';
import { firstRunId, releaseId } from './plans';
import { createRandom } from './random';
import { createServer, type Server } from './server/server';
import type { Closing, RunView } from './server/setting';
import type { Sandbox } from './server/workflow-code';
import { createWorld } from './world';

const startMs = Date.UTC(2026, 0, 1);
const roles: Slots = { baseline: 'blue', canary: 'green' };

/** What a server suggests a new run from, when nobody set it up otherwise. */
const usualLimit = 4_096;

/** A release in the simulated world where nothing goes wrong but what the test says, at the times it says. */
export function createScripted(
  {
    sandbox,
    sealed,
    historyLimit = usualLimit,
    taskDelayMs = 1,
  }: {
    readonly sandbox: Sandbox;
    readonly sealed: SealedPlan;
    readonly historyLimit?: number | undefined;
    /** So long news waits for the next workflow task, so that more of it comes together. */
    readonly taskDelayMs?: number;
  },
  fateAt: (target: Target, nowMs: number) => Fate['kind'],
) {
  const random = createRandom(1);
  const agenda = createAgenda(random, startMs);
  const world = createWorld(roles);
  const closings: { readonly workflowId: string; readonly closing: Closing }[] = [];
  const last = new Map<string, RunView>();
  const chaos = {
    taskDelayMs: () => taskDelayMs,
    queueMs: () => 1,
    cancelHeardMs: () => 1,
    latencyMs: () => 1,
    losesTask: () => false,
    historyLimit: () => historyLimit,
    fateAt: (target: Target): Fate => ({ kind: fateAt(target, agenda.nowMs()), ms: 0 }),
    fails: () => false,
  };
  const watcher = createWatcher(
    agenda,
    world,
    { badFromMs: Infinity, lateMs: () => 0, gaps: [] },
    (workflowId, notice) => void server.signal(workflowId, 'watched', notice),
    () => 1,
  );
  const activities = createActivityWorker(
    {
      agenda,
      world,
      chaos,
      sealed,
      temporal: {
        lastHeartbeat: (workflowId, _runId, type) => server.find(workflowId)?.pending(type)[0]?.heartbeat,
        latestRelease: () => server.describe(releaseId)?.firstRunId,
        known: () => undefined,
        onAsked: () => undefined,
        describeRun: ({ workflowId, runId }) => server.describe(workflowId, runId),
      },
      note: () => undefined,
    },
    watcher.start,
  );
  const server: Server = createServer({
    agenda,
    random,
    sandbox,
    worker: activities.worker,
    chaos,
    hooks: {
      afterTask: (run) => void last.set(run.workflowId, run),
      onScheduled: () => undefined,
      onDelivered: () => undefined,
      onHeard: () => undefined,
      onMessage: () => undefined,
      onClosed(run, closing) {
        last.set(run.workflowId, run);
        closings.push({ workflowId: run.workflowId, closing });
      },
      note: () => undefined,
    },
  });
  world.onChange = (what) => {
    if (what.startsWith('split')) watcher.lookAll();
  };

  const contractId = releaseId.replace('release/', 'contract/') + `/${firstRunId}`;
  return {
    world,
    server,
    nowMs: agenda.nowMs,
    releaseId,
    contractId,
    /** How the runs of a workflow ended, in order. */
    closings: (workflowId: string) =>
      closings.filter((each) => each.workflowId === workflowId).map(({ closing }) => closing),
    stateOf: <T>(workflowId: string): T => last.get(workflowId)?.query('state') as T,
    start(requestedBy: string): void {
      const bundle = { descriptor: { path: 'release.yaml', text: '' }, files: [] };
      server.start(releaseId, 'release', { request: { bundle, requestedBy } });
    },
    /** Lets time pass until it is so; false when nothing more happens, or `longestMs` have passed. */
    until(isSo: () => boolean, longestMs: number): boolean {
      const limitMs = agenda.nowMs() + longestMs;
      while (!isSo()) if (agenda.nowMs() > limitMs || !agenda.step()) return false;
      return true;
    },
    pass(ms: number): void {
      const untilMs = agenda.nowMs() + ms;
      agenda.after(ms, () => undefined);
      while (agenda.nowMs() < untilMs && agenda.step());
    },
  };
}
