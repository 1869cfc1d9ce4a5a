import type { SealedPlan } from '../../src/core/plan/plan';
import type { Slots } from '../../src/core/plan/effects';
import type { ReleaseState } from '../../src/core/release/state';
import { createActivityWorker } from './activities/worker';
import { createAgenda } from './agenda';
import { drawChaos } from './chaos';
import { createChecker } from './checker/checker';
import { createPeople } from './people';
import { releaseId } from './plans';
import { createRandom } from './random';
import { createServer, type Server } from './server/server';
import type { RunView } from './server/setting';
import { createWatcher } from './activities/watcher';
import type { Sandbox } from './server/workflow-code';
import { createWorld } from './world';

export type Interleaving = {
  readonly seed: number;
  /** What must never be and was; empty where all is right. */
  readonly broken: readonly string[];
  readonly ending: string | undefined;
  /** Equal for equal runs, event by event. */
  readonly digest: number;
  readonly steps: number;
};

const startMs = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const mostSteps = 60_000;
/** So long after the last fault, whoever still waits ends it; so long after that, it must be over. */
const patienceMs = 30 * hour;
const endsWithinMs = 12 * hour;

/** One whole release of one seed: the real workflow, a simulated server and world, people and faults, judged all the while. */
export function runInterleaving(
  sandbox: Sandbox,
  plans: readonly SealedPlan[],
  seed: number,
  trace?: (line: string) => void,
): Interleaving {
  const random = createRandom(seed);
  const agenda = createAgenda(createRandom(seed ^ 0x5bd1e995), startMs);
  const sealed = random.pick(plans);
  const { plan } = sealed;
  const roles: Slots = random.chance(0.8)
    ? { baseline: 'blue', canary: 'green' }
    : { baseline: 'green', canary: 'blue' };
  const world = createWorld(roles);
  const atRest = world.split;
  const chaos = drawChaos(random, plan, startMs, agenda.nowMs);
  const requestedBy = random.pick(['eve', 'ada']);
  const checker = createChecker({ world, plan, roles, requestedBy, nowMs: agenda.nowMs });
  let digest = 0;
  let steps = 0;
  let release: RunView | undefined;
  let crash: string | undefined;

  function note(kind: string, detail: string): void {
    const line = `${agenda.nowMs() - startMs} ${kind}: ${detail}`;
    for (let index = 0; index < line.length; index += 1) digest = (Math.imul(digest, 31) + line.charCodeAt(index)) | 0;
    trace?.(line);
  }

  const watcher = createWatcher(
    agenda,
    world,
    chaos.evidence,
    (workflowId, notice) => void server.signal(workflowId, 'watched', notice),
    () => random.whole(0, 5),
  );
  const activities = createActivityWorker(
    {
      agenda,
      world,
      chaos,
      sealed,
      temporal: {
        lastHeartbeat: (workflowId, _runId, type) => server.find(workflowId)?.pending(type)[0]?.heartbeat,
        isReleaseOpen: () => server.find(releaseId) !== undefined,
        onAsked: (attempt) => checker.onAsked(attempt),
        describeRun: ({ workflowId, runId }) => server.describe(workflowId, runId),
      },
      note,
    },
    watcher.start,
  );
  const isRelease = (run: RunView): boolean => run.workflowId === releaseId;
  const stateOf = (run: RunView): ReleaseState => run.query('state') as ReleaseState;
  const server: Server = createServer({
    agenda,
    random,
    sandbox,
    worker: activities.worker,
    chaos,
    hooks: {
      afterTask(run) {
        if (!isRelease(run)) return;
        release = run;
        const state = stateOf(run);
        checker.afterTask(state);
        people.look(state);
      },
      onScheduled: (task) => {
        note('scheduled', `${task.type} ${task.seq}`);
        if (task.workflowId === releaseId) checker.onScheduled(task);
      },
      onDelivered: (task, outcome) => {
        note('delivered', `${task.type} ${task.seq} ${outcome.kind}`);
        if (task.workflowId === releaseId) checker.onDelivered(task, outcome);
      },
      onHeard: (run, name, payload) => {
        note('heard', `${name} ${JSON.stringify(payload)?.slice(0, 120)}`);
        if (isRelease(run)) checker.onHeard(name, payload);
      },
      onMessage: (run, name) => {
        if (isRelease(run)) checker.onMessage(name);
      },
      onClosed(run, closing) {
        note('closed', `${run.workflowId} ${JSON.stringify(closing).slice(0, 200)}`);
        if (isRelease(run)) checker.onClosed(closing, stateOf(run));
      },
      note,
    },
  });
  const people = createPeople(agenda, random, plan, {
    signal: (name, payload) => void server.signal(releaseId, name, payload),
    update: (name, payload) => void server.update(releaseId, name, payload),
    cancel: () => server.cancel(releaseId),
  });
  checker.watchedBy(() => server.find(releaseId)?.pending('observe') ?? []);
  world.onChange = (what, writer) => {
    note(
      'world',
      `${what} by ${writer === undefined ? 'fate' : `${writer.task.type} ${writer.task.seq}.${writer.number}`}`,
    );
    checker.onChange(what, writer);
    if (what.startsWith('split')) watcher.lookAll();
  };

  for (const { atMs, kind, ms } of chaos.incidents)
    agenda.after(atMs - startMs, () => {
      note('incident', kind);
      if (kind === 'workers killed') {
        activities.killAll();
        server.killWorkers();
      } else if (kind === 'workers frozen') {
        activities.freezeAll(ms);
        server.killWorkers();
      } else {
        world.split = atRest;
        world.onChange('split lost', undefined);
      }
    });
  people.begin();
  agenda.after(chaos.calmAtMs - startMs + patienceMs, () => {
    if (server.find(releaseId) !== undefined) people.endIt();
  });

  const limitMs = chaos.calmAtMs + patienceMs + endsWithinMs;
  try {
    const bundle = { descriptor: { path: 'release.yaml', text: '' }, files: [] };
    server.start(releaseId, 'release', { request: { bundle, requestedBy } });
    while (agenda.step()) {
      steps += 1;
      const isOpen = server.find(releaseId) !== undefined;
      if (isOpen && (steps > mostSteps || agenda.nowMs() > limitMs)) {
        crash = `it does not end: ${release === undefined ? 'no state' : JSON.stringify(stateOf(release).phase)}`;
        break;
      }
      if (!isOpen && (steps > 2 * mostSteps || agenda.nowMs() > limitMs + 24 * hour)) break;
    }
  } catch (error) {
    crash = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (crash === undefined) checker.atRest();
  return {
    seed,
    broken: [...checker.broken, ...(crash === undefined ? [] : [crash])],
    ending: checker.ending(),
    digest,
    steps,
  };
}
