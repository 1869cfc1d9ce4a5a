import type { SealedPlan } from '../../src/core/plan/plan';
import { asFault, models, Stopped, type Doing, type Rest, type Steps, type Target } from './activity-models';
import type { Attempt, Worker } from './activity-tasks';
import type { Agenda } from './agenda';
import type { World } from './world';

/** What becomes of an attempt at one of its calls. */
export type Fate =
  | { readonly kind: 'goes-on' }
  /** Its process is killed. */
  | { readonly kind: 'dies' }
  /** Its process stands still for so long, and then goes on as if nothing had been. */
  | { readonly kind: 'freezes'; readonly ms: number }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'refused' };

export type WorkerChaos = {
  latencyMs(target: Target): number;
  fateAt(target: Target): Fate;
  fails: Doing['fails'];
};

export type Started = {
  die(): void;
  freeze(ms: number): void;
  cancel(): void;
};

const undoes = /^(close|stop|restore(Configuration|Flag)|undo|prove)/;
const effectBoundMs = 60_000;
const undoBoundMs = 20_000;

// As the fault interceptor of the workers bounds them.
function boundMs({ type, isLocal }: Attempt['task']): number {
  if (isLocal) return 0;
  if (type === 'publish' || type === 'recordRole') return Infinity;
  return undoes.test(type) ? undoBoundMs : effectBoundMs;
}

/** Runs attempts of activities step by step in virtual time, with whatever the seed does to each of them. */
export function createActivityWorker(
  agenda: Agenda,
  world: World,
  chaos: WorkerChaos,
  sealed: SealedPlan,
  startWatch: (attempt: Attempt) => Started,
  temporal: {
    readonly lastHeartbeat: Doing['lastHeartbeat'];
    onAsked(attempt: Attempt): void;
    isReleaseOpen(): boolean;
    describeRun(task: Attempt['task']): ReturnType<Doing['describeRun']>;
  },
  note: (kind: string, detail: string) => void,
) {
  const running = new Map<Attempt, Started>();

  function start(attempt: Attempt): Started {
    const { task } = attempt;
    const model = models[task.type];
    if (model === undefined)
      throw new Error(`the simulation knows no activity ${task.type}: model it in test/simulation/activity-models.ts`);
    let isDead = false;
    let isCancelled = false;
    let frozenUntilMs = 0;
    let stopResting: (() => void) | undefined;
    const steps: Steps = model(
      {
        world,
        attempt,
        sealed,
        nowMs: agenda.nowMs,
        isCancelled: () => isCancelled,
        lastHeartbeat: temporal.lastHeartbeat,
        isReleaseOpen: () => temporal.isReleaseOpen(),
        beat: (details) => attempt.beat(details),
        onAsked: () => temporal.onAsked(attempt),
        describeRun: () => temporal.describeRun(task),
        fails: (what) => chaos.fails(what),
      },
      task.input as Parameters<typeof model>[1],
    );

    function end(): void {
      isDead = true;
      running.delete(attempt);
    }
    function die(): void {
      end();
      attempt.fallSilent();
    }
    function freeze(ms: number): void {
      frozenUntilMs = agenda.nowMs() + ms;
      attempt.fallSilent();
    }
    function fail(type: string, message: string, isRetryable: boolean): void {
      const isOver = !isRetryable || agenda.nowMs() - task.scheduledAtMs >= boundMs(task);
      end();
      attempt.report({ kind: 'failed', type, message, isRetryable: !isOver });
    }

    function next(): void {
      if (isDead) return;
      let found: IteratorResult<Target | Rest, unknown>;
      try {
        found = steps.next();
      } catch (error) {
        if (error instanceof Stopped) {
          end();
          return attempt.report({ kind: 'cancelled' });
        }
        const fault = asFault(error);
        if (fault === undefined) throw error;
        return fail(fault.type, fault.message, fault.isRetryable);
      }
      if (found.done === true) {
        end();
        return attempt.report({ kind: 'completed', value: found.value });
      }
      const target = found.value;
      if (typeof target === 'object') return rest(target);
      agenda.after(chaos.latencyMs(target), () => arrive(target));
    }

    function rest({ restMs }: Rest): void {
      stopResting = agenda.after(restMs, () => {
        stopResting = undefined;
        arrive('worker');
      });
    }

    function arrive(target: Target): void {
      if (isDead) return;
      const leftMs = frozenUntilMs - agenda.nowMs();
      if (leftMs > 0) return void agenda.after(leftMs, () => thaw());
      const fate = chaos.fateAt(target);
      if (fate.kind !== 'goes-on') note('fate', `${task.type} ${task.seq}.${attempt.number} ${fate.kind} at ${target}`);
      switch (fate.kind) {
        case 'goes-on':
          return next();
        case 'dies':
          return die();
        case 'freezes':
          freeze(fate.ms);
          return void agenda.after(fate.ms, () => thaw());
        case 'unavailable':
          return fail('TargetUnavailable', `${target} does not answer`, true);
        case 'refused':
          return fail('Rejected', `${target} refuses`, false);
      }
    }

    function thaw(): void {
      if (isDead) return;
      note('thaw', `${task.type} ${task.seq}.${attempt.number}${attempt.isWanted() ? '' : ' late'}`);
      attempt.wake();
      next();
    }

    next();
    function cancel(): void {
      isCancelled = true;
      if (stopResting === undefined) return;
      stopResting();
      stopResting = undefined;
      arrive('worker');
    }
    return { die, freeze, cancel };
  }

  const worker: Worker = {
    start(attempt) {
      note('attempt', `${attempt.task.type} ${attempt.task.seq}.${attempt.number}`);
      if (attempt.task.type === 'observe') running.set(attempt, startWatch(attempt));
      else {
        const begun = start(attempt);
        if (attempt.isWanted()) running.set(attempt, begun);
      }
    },
    cancel: (attempt) => running.get(attempt)?.cancel(),
  };
  return {
    worker,
    ended: (attempt: Attempt) => void running.delete(attempt),
    killAll(): void {
      for (const started of [...running.values()]) started.die();
    },
    freezeAll(ms: number): void {
      for (const started of running.values()) started.freeze(ms);
    },
  };
}
