import type { Slot, Slots } from '../../src/core/plan/effects';
import type { SealedPlan } from '../../src/core/plan/plan';
import { contractWorkflowId } from '../../src/core/release/messages';
import { createWatcher } from './activities/watcher';
import { createActivityWorker } from './activities/worker';
import type { Agenda } from './agenda';
import { drawChaos } from './chaos';
import { createChecker } from './checker/checker';
import { createContractSide } from './contract-side';
import { createLosses } from './losses';
import { createNotedHooks } from './noted-hooks';
import { createPeople } from './people';
import { firstRunId, releaseId } from './plans';
import { createRandom, type Random } from './random';
import { createReleaseSide } from './release-side';
import { createServer, type Server } from './server/server';
import type { Sandbox } from './server/workflow-code';
import { createWorld, foreignPercent } from './world';

/** How often a second controller writes, and how long it waits in between. */
const rewrites = 6;
const rewriteEveryMs = 20_000;

type Setup = {
  readonly sandbox: Sandbox;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly sealed: SealedPlan;
  readonly seed: number;
  readonly startMs: number;
  readonly note: (kind: string, detail: string) => void;
};

/** Everything around one release, wired: server, workers, world, people, faults, and who judges all of it. */
export function createScene({ sandbox, agenda, random, sealed, seed, startMs, note }: Setup) {
  const { plan } = sealed;
  const roles: Slots = random.chance(0.8)
    ? { baseline: 'blue', canary: 'green' }
    : { baseline: 'green', canary: 'blue' };
  const world = createWorld(roles);
  const atRest = world.split;
  const chaos = drawChaos(random, plan, startMs, agenda.nowMs);
  const requestedBy = random.pick(['eve', 'ada']);
  const checker = createChecker({ world, plan, roles, requestedBy, nowMs: agenda.nowMs });
  const contractId = contractWorkflowId(plan.environment, plan.service, firstRunId);
  const contract = createContractSide(
    agenda,
    createRandom(seed ^ 0x2545f491),
    { world, sealed, requestedBy, isPromoted: checker.isPromoted, fail: checker.fail },
    {
      signal: (name, payload) => void server.signal(contractId, name, payload),
      update: (name, payload) => void server.update(contractId, name, payload),
    },
  );
  const people = createPeople(agenda, random, plan, {
    signal: (name, payload) => void server.signal(releaseId, name, payload),
    update: (name, payload) => void server.update(releaseId, name, payload),
    cancel: () => server.cancel(releaseId),
  });
  const isOpen = (): boolean => server.find(releaseId) !== undefined;
  const losses = createLosses(agenda, createRandom(seed ^ 0x6c8e9cf5), {
    isOpen,
    terminate: () => server.terminate(releaseId),
    recover: () =>
      void server.start(releaseId, 'release', { request: { recover: {}, requestedBy: 'dee', why: 'it is gone' } }),
  });
  const release = createReleaseSide({ checker, people, losses });

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
        latestRelease: () => server.describe(releaseId)?.firstRunId,
        known: release.known,
        onAsked: (attempt) => checker.onAsked(attempt),
        describeRun: ({ workflowId, runId }) => server.describe(workflowId, runId),
      },
      note,
    },
    watcher.start,
  );

  const server: Server = createServer({
    agenda,
    random,
    sandbox,
    worker: activities.worker,
    chaos,
    hooks: createNotedHooks(note, { [releaseId]: release.hooks, [contractId]: contract.hooks }),
  });
  world.onChange = (what, writer) => {
    const by = writer === undefined ? 'fate' : `${writer.task.type} ${writer.task.seq}.${writer.number}`;
    note('world', `${what} by ${by}`);
    checker.onChange(what, writer);
    if (what.startsWith('split')) watcher.lookAll();
  };

  /** Something else gives the canary a share of its own, while it has one, again and again. */
  function rewrite(left: number): void {
    const { blue, green } = world.split;
    const share = world.split[roles.canary].weight;
    if (blue.state === 'ready' && green.state === 'ready' && share > 0 && share !== foreignPercent) {
      const shares = { [roles.canary]: foreignPercent, [roles.baseline]: 100 - foreignPercent };
      const at = (slot: Slot) => ({ ...world.split[slot], weight: shares[slot] ?? 0 });
      world.split = { blue: at('blue'), green: at('green') };
      world.onChange('split rewritten', undefined);
    }
    if (left > 1) agenda.after(rewriteEveryMs, () => rewrite(left - 1));
  }

  function happen(kind: string, ms: number): void {
    note('incident', kind);
    if (kind === 'split lost') {
      world.split = atRest;
      return world.onChange('split lost', undefined);
    }
    if (kind === 'second controller') return rewrite(rewrites);
    if (kind === 'flag changed') {
      // Somebody else changes what the release has set, never what it found.
      for (const effect of plan.effects)
        if (effect.kind === 'flag' && world.flags.get(effect.flag) === effect.value)
          world.flags.set(effect.flag, "somebody else's");
      return world.onChange('flag changed', undefined);
    }
    if (kind === 'workers killed') activities.killAll();
    else activities.freezeAll(ms);
    server.killWorkers();
  }

  return {
    isOpen,
    calmAtMs: chaos.calmAtMs,
    checker,
    phase: release.phase,
    /** Puts everything on the agenda that comes whatever the release does, and starts it. */
    begin(): void {
      for (const { atMs, kind, ms } of chaos.incidents) agenda.after(atMs - startMs, () => happen(kind, ms));
      people.begin();
      losses.begin();
      const bundle = { descriptor: { path: 'release.yaml', text: '' }, files: [] };
      server.start(releaseId, 'release', { request: { bundle, requestedBy } });
    },
    /** Whoever still waits for a person gets one. */
    endIt: () => people.endIt(),
    atRest(): void {
      checker.atRest();
      contract.atRest();
    },
  };
}
