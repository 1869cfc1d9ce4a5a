/* eslint max-lines: ['error', 450] -- one table: a short model for each activity */
import { decideApply, decideUndo } from '../../src/adapters/migrations/ledger';
import { PortError } from '../../src/ports/errors';
import { proveRestored } from '../../src/core/release/proof';
import type { Json } from '../../src/core/json';
import type { SealedEffect, Slot, Slots } from '../../src/core/plan/effects';
import type { Permit, SealedPlan } from '../../src/core/plan/plan';
import type { Publication } from '../../src/core/evidence/publication';
import { backward, whyUnwanted } from '../../src/activities/fence';
import type { RunFacts } from '../../src/ports/runs';
import type { Snapshot } from '../../src/core/release/snapshot';
import type { MigrateEffect } from '../../src/ports/migrations';
import type { Split } from '../../src/ports/traffic';
import type { Attempt } from './activity-tasks';
import { firstRunId } from './plans';
import type { DrainInput } from '../../src/activities/drain';
import type { EndingInput } from '../../src/activities/reconcile';
import { nextDrainStep, type DrainMemory } from '../../src/core/release/drain';
import { shotOf, type World } from './world';

export type Target = 'proxy' | 'deployer' | 'database' | 'configuration' | 'flags' | 'store' | 'worker';

/** Ends an attempt as the real activity would. */
export class Fault extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly isRetryable: boolean,
  ) {
    super(message);
  }
}
/** The activity heard that it is cancelled and stopped. */
export class Stopped extends Error {}

/** One activity, call of a target by call of a target: each `yield` is a call, what follows is what it did. */
export type Steps = Generator<Target | Rest, unknown, void>;
type Calls = Generator<Target, void, void>;
/** It waits by itself, and stops when it hears that it is cancelled. */
export type Rest = { readonly restMs: number };

export type Doing = {
  readonly world: World;
  readonly attempt: Attempt;
  readonly sealed: SealedPlan;
  readonly nowMs: () => number;
  readonly isCancelled: () => boolean;
  /** Is told when the server says that this attempt is still wanted. */
  readonly onAsked: () => void;
  /** What the server says of the run the attempt belongs to. */
  readonly describeRun: () => RunFacts | undefined;
  readonly beat: (details: unknown) => void;
  /** Whether a release of the service is under way. */
  readonly isReleaseOpen: () => boolean;
  /** What the last heartbeat of a pending activity carried. */
  readonly lastHeartbeat: (workflowId: string, runId: string, type: string) => unknown;
  /** Makes the checks of the canary or of the data fail, where the seed wants it. */
  readonly fails: (what: 'preflight' | 'checks' | 'data' | 'start') => boolean;
};

type Input = {
  readonly permit: Permit;
  readonly sealed: SealedEffect;
  readonly canaryPercent: number;
  readonly onlyVerify: boolean;
  readonly digestBefore: string;
  readonly before: readonly [Json] | null;
};
type Model = (doing: Doing, input: Input) => Steps;

const on = (roles: Slots, baselineWeight: number, canary: Split['blue']): Split => {
  const baseline = { weight: baselineWeight, state: 'ready' } as const;
  return roles.baseline === 'blue' ? { blue: baseline, green: canary } : { blue: canary, green: baseline };
};
const isSame = (left: Split, right: Split): boolean => JSON.stringify(left) === JSON.stringify(right);

function change({ world, attempt }: Doing, what: string, act: () => void): void {
  act();
  world.onChange(what, attempt);
}

function* writeSplit(doing: Doing, split: Split): Calls {
  yield 'proxy';
  change(doing, `split ${JSON.stringify(split)}`, () => (doing.world.split = split));
}

/** Weights alone: a slot in `maint` stays there. */
function* writeWeights(doing: Doing, wanted: Split): Calls {
  yield 'proxy';
  const { blue, green } = doing.world.split;
  const split = { blue: { ...blue, weight: wanted.blue.weight }, green: { ...green, weight: wanted.green.weight } };
  change(doing, `split ${JSON.stringify(split)}`, () => (doing.world.split = split));
}

function* readAs(doing: Doing, wanted: Split, canary: Slot): Calls {
  yield 'proxy';
  if (doing.world.split[canary].state !== 'ready') throw new Fault('Conflict', 'the slot is not in service', false);
  if (!isSame(doing.world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
}

/** The question right before a write that exposes somebody: is this very attempt still wanted? */
function* ask({ attempt, describeRun, onAsked }: Doing, phases?: readonly string[]): Calls {
  yield 'worker';
  const { seq, isLocal } = attempt.task;
  const run = describeRun();
  if (run?.pending.some((each) => each.activityId === String(seq) && each.isCancelRequested) === true)
    throw new Stopped();
  const why = whyUnwanted(run, firstRunId, { activityId: String(seq), attempt: attempt.number, isLocal }, phases);
  if (why !== undefined) throw new Fault('Conflict', why, false);
  onAsked();
}

const migrationOf = ({ sealed }: Input): MigrateEffect => sealed.effect as MigrateEffect;

function note(world: World, effect: MigrateEffect, release: string, isUndone: boolean): void {
  const { key, migration, part, apply } = effect;
  world.ledger.set(key, {
    migration,
    part,
    checksum: apply.sha256,
    release,
    isApplied: true,
    isUndone,
    batches: 0,
    rows: 0,
  });
}

function* applyPart(doing: Doing, input: Input): Steps {
  const effect = migrationOf(input);
  const release = input.permit.seal.firstRunId;
  yield 'database';
  if (decideApply(doing.world.ledger.get(effect.key), effect, release) !== 'skip')
    change(doing, `apply ${effect.key}`, () => note(doing.world, effect, release, false));
  yield 'database';
  return `${effect.key} applied`;
}

function* stopSlot(doing: Doing, slot: Slot, release: string): Calls {
  const runs = (): boolean => doing.world.running[slot]?.release === release;
  yield 'deployer';
  if (!runs()) return;
  yield 'deployer';
  yield 'deployer';
  if (runs()) change(doing, `stop ${slot}`, () => (doing.world.running[slot] = undefined));
  yield 'deployer';
  if (runs()) throw new Fault('NotConverged', `${slot} still runs`, true);
}

/** What each activity does to the world; the real ones have tests of their own. */
export const models: { readonly [type: string]: Model | undefined } = {
  *compileRelease(doing) {
    yield 'worker';
    return { ok: true, sealed: doing.sealed };
  },
  *preflight(doing) {
    const { world, sealed } = doing;
    yield 'proxy';
    yield 'database';
    yield 'configuration';
    if (doing.fails('preflight'))
      return { ok: false, refusals: [{ code: 'not-at-rest', kind: 'denied', message: 'no', fix: 'mend it' }] };
    const shot = shotOf(world, sealed.plan, doing.nowMs());
    const serves = (slot: Slot): boolean => world.split[slot].weight > 0 && world.split[slot].state === 'ready';
    const roles: Slots = serves('blue') ? { baseline: 'blue', canary: 'green' } : { baseline: 'green', canary: 'blue' };
    return { ok: true, snapshot: { world: shot, roles }, rolesMac: 'mac' };
  },
  *migrate(doing, input) {
    return yield* applyPart(doing, input);
  },
  *backfill(doing, input) {
    for (let batch = 0; batch < 2; batch += 1) {
      if (doing.isCancelled()) throw new Stopped();
      yield* applyPart(doing, input);
    }
    return 'filled';
  },
  *verifyData(doing) {
    yield 'database';
    if (doing.fails('data')) throw new Fault('CheckFailed', 'the data is wrong', false);
    return 'right';
  },
  *configure(doing, { permit, sealed }) {
    const { world } = doing;
    const { canary, baseline } = permit.roles;
    const release = permit.seal.firstRunId;
    yield 'configuration';
    change(doing, `configure ${canary}`, () => {
      if (!world.kept.has(release)) world.kept.set(release, world.configuration[canary]);
      world.configuration[canary] = `${world.configuration[baseline]} with ${sealed.effect.key}`;
    });
    yield 'configuration';
    return 'set';
  },
  *restoreConfiguration(doing, { permit, onlyVerify, digestBefore }) {
    const { world } = doing;
    const { canary } = permit.roles;
    if (!onlyVerify) {
      yield 'configuration';
      const before = world.kept.get(permit.seal.firstRunId);
      if (before !== undefined) change(doing, `unconfigure ${canary}`, () => (world.configuration[canary] = before));
    }
    yield 'configuration';
    if (world.configuration[canary] !== digestBefore) throw new Fault('NotConverged', 'other bytes', true);
    return 'back';
  },
  *setFlag(doing, { sealed }) {
    const effect = sealed.effect as Extract<SealedEffect['effect'], { kind: 'flag' }>;
    yield 'flags';
    change(doing, `flag ${effect.flag}`, () => doing.world.flags.set(effect.flag, effect.value));
    yield 'flags';
    return 'set';
  },
  *restoreFlag(doing, { sealed, onlyVerify, before }) {
    const { world } = doing;
    const { flag } = sealed.effect as Extract<SealedEffect['effect'], { kind: 'flag' }>;
    if (!onlyVerify) {
      yield 'flags';
      change(doing, `unflag ${flag}`, () => {
        if (before === null) world.flags.delete(flag);
        else world.flags.set(flag, before[0]);
      });
    }
    yield 'flags';
    const found = world.flags.get(flag);
    if (JSON.stringify(found === undefined ? null : [found]) !== JSON.stringify(before))
      throw new Fault('NotConverged', 'another value', true);
    return 'back';
  },
  *deployCanary(doing, { permit, sealed }) {
    const { world } = doing;
    const slot = permit.roles.canary;
    const release = permit.seal.firstRunId;
    const { version } = sealed.effect as Extract<SealedEffect['effect'], { kind: 'deploy' }>;
    yield 'deployer';
    if (world.running[slot]?.release !== release) {
      yield 'deployer';
      change(doing, `deploy ${slot}`, () => (world.running[slot] = { version, release }));
    }
    for (let look = 0; look < 3; look += 1) {
      yield 'deployer';
      if (doing.fails('start')) throw new Fault('Rejected', 'it does not start', false);
      if (look < 2 && doing.isCancelled()) throw new Stopped();
    }
    return 'runs';
  },
  *stopCanary(doing, { permit, onlyVerify }) {
    const slot = permit.roles.canary;
    const release = permit.seal.firstRunId;
    if (!onlyVerify) yield* stopSlot(doing, slot, release);
    yield 'deployer';
    if (doing.world.running[slot]?.release === release) throw new Fault('NotConverged', 'still runs', true);
    return 'stopped';
  },
  *retireBaseline(doing, { permit }) {
    const slot = permit.roles.baseline;
    const release = doing.world.running[slot]?.release;
    if (release !== undefined) yield* stopSlot(doing, slot, release);
    return 'retired';
  },
  *checkCanary(doing, { permit }) {
    yield 'deployer';
    if (doing.fails('checks')) throw new Fault('CheckFailed', 'the canary fails its checks', false);
    yield* ask(doing);
    yield* writeSplit(doing, on(permit.roles, 100, { weight: 0, state: 'ready' }));
    return 'right';
  },
  *exposeCanary(doing, { permit, canaryPercent }) {
    const { roles } = permit;
    const wanted = on(roles, 100 - canaryPercent, { weight: canaryPercent, state: 'ready' });
    yield 'proxy';
    if (doing.world.split[roles.canary].state !== 'ready') throw new Fault('Conflict', 'the slot is in maint', false);
    if (isSame(doing.world.split, wanted)) return 'exposed';
    yield* ask(doing);
    yield* writeWeights(doing, wanted);
    yield* readAs(doing, wanted, roles.canary);
    return 'exposed';
  },
  *restoreSplit(doing, { permit, canaryPercent }) {
    const { roles } = permit;
    const wanted = on(roles, 100 - canaryPercent, { weight: canaryPercent, state: 'ready' });
    yield* ask(doing);
    yield* writeSplit(doing, on(roles, 100, { weight: 0, state: 'ready' }));
    yield* ask(doing);
    yield* writeWeights(doing, wanted);
    yield* readAs(doing, wanted, roles.canary);
    return 'restored';
  },
  *promoteCanary(doing, { permit }) {
    const { baseline, canary } = permit.roles;
    yield* ask(doing);
    yield* writeSplit(doing, on({ baseline: canary, canary: baseline }, 100, { weight: 0, state: 'maint' }));
    return 'promoted';
  },
  /** Users are led back step by step; the memory of the last step travels with the heartbeat. */
  *drainTraffic(doing, input) {
    const { permit } = input;
    const { times } = input as unknown as DrainInput;
    const { canary } = permit.roles;
    const { attempt, nowMs, world } = doing;
    const beaten = attempt.task.heartbeat as DrainMemory | undefined;
    const beganAtMs = nowMs();
    let memory: DrainMemory = beaten ?? (attempt.number === 1 ? { beganAtMs } : { beganAtMs, lastStepAtMs: beganAtMs });
    doing.beat(memory);
    for (;;) {
      if (doing.isCancelled()) throw new Stopped();
      yield 'proxy';
      const step = nextDrainStep({ canary: world.split[canary], nowMs: nowMs(), memory, times });
      if (step.kind === 'wait') {
        if (!attempt.isWanted()) throw new Stopped();
        yield { restMs: Math.max(20, step.untilMs - nowMs()) };
        continue;
      }
      yield* ask(doing, backward);
      if (step.kind !== 'lower') {
        const wanted = on(permit.roles, 100, { weight: 0, state: 'maint' });
        yield* writeSplit(doing, wanted);
        yield 'proxy';
        if (!isSame(world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
        return 'drained';
      }
      const share = { weight: step.toPercent, state: 'ready' } as const;
      yield* writeWeights(doing, on(permit.roles, 100 - step.toPercent, share));
      yield 'proxy';
      if (step.toPercent === 0 && world.split[canary].state === 'ready')
        yield* writeSplit(doing, on(permit.roles, 100, { weight: 0, state: 'drain' }));
      memory = { ...memory, lastStepAtMs: nowMs() };
      doing.beat(memory);
    }
  },
  *closeTraffic(doing, { permit, onlyVerify }) {
    const wanted = on(permit.roles, 100, { weight: 0, state: 'maint' });
    if (!onlyVerify) yield* writeSplit(doing, wanted);
    yield 'proxy';
    if (!isSame(doing.world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
    return 'closed';
  },
  *restoreEnding(doing, input) {
    const { baseline, canary } = input.permit.roles;
    const { isPromoted } = input as unknown as EndingInput;
    const end = isPromoted ? { baseline: canary, canary: baseline } : input.permit.roles;
    yield 'worker';
    if (doing.isReleaseOpen()) return 'superseded';
    const wanted = on(end, 100, { weight: 0, state: 'maint' });
    yield* writeSplit(doing, wanted);
    yield 'proxy';
    if (!isSame(doing.world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
    return 'restored';
  },
  /** Looks while the guard lasts; once a minute is enough here. */
  *watchEnding(doing, input) {
    const { baseline, canary } = input.permit.roles;
    const { isPromoted } = input as unknown as EndingInput;
    const end = isPromoted ? { baseline: canary, canary: baseline } : input.permit.roles;
    const wanted = on(end, 100, { weight: 0, state: 'maint' });
    for (;;) {
      if (doing.isCancelled()) throw new Stopped();
      if (!isSame(doing.world.split, wanted)) return { kind: 'drift', observed: 'another split', wanted: 'the end' };
      if (!doing.attempt.isWanted()) throw new Stopped();
      yield { restMs: 60_000 };
    }
  },
  *undoMigration(doing, input) {
    const { world } = doing;
    const effect = migrationOf(input);
    const release = input.permit.seal.firstRunId;
    if (!input.onlyVerify) {
      yield 'database';
      const decision = decideUndo(world.ledger.get(effect.key), release);
      if (decision !== 'skip') change(doing, `unapply ${effect.key}`, () => note(world, effect, release, true));
    }
    yield 'database';
    if (world.ledger.get(effect.key)?.isUndone !== true) throw new Fault('NotConverged', 'still applied', true);
    return 'undone';
  },
  *prove(doing, input) {
    const { snapshot, touched } = input as unknown as {
      readonly snapshot: Snapshot;
      readonly touched: readonly string[];
    };
    yield 'proxy';
    yield 'database';
    const now = shotOf(doing.world, doing.sealed.plan, doing.nowMs());
    const effects = doing.sealed.plan.effects.filter(({ key }) => touched.includes(key));
    yield 'worker';
    return proveRestored(snapshot, now, effects, { release: doing.sealed.seal.firstRunId });
  },
  *publish(doing, input) {
    yield 'store';
    change(doing, 'publish', () => doing.world.published.push(input as unknown as Publication));
    yield 'worker';
  },
  *readWatch(doing, input) {
    const { workflowId, runId } = input as unknown as { readonly workflowId: string; readonly runId: string };
    yield 'worker';
    const beaten = doing.lastHeartbeat(workflowId, runId, 'observe') as { readonly state: unknown } | undefined;
    return beaten?.state ?? null;
  },
  *recordRole(doing, input) {
    const { role } = input as unknown as { readonly role: { readonly baseline: Slot } };
    yield 'store';
    change(doing, `role ${role.baseline}`, () => (doing.world.role = role.baseline));
    yield 'worker';
    return role.baseline;
  },
};

/** A fault of a port in the real code the models use, as the fault of an activity. */
export const asFault = (error: unknown): Fault | undefined =>
  error instanceof Fault
    ? error
    : error instanceof PortError
      ? new Fault(error.code, error.message, error.code === 'TargetUnavailable' || error.code === 'NotConverged')
      : undefined;
