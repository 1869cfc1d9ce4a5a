import type { SealedPlan } from '../../../src/core/plan/plan';
import { models } from '.';
import type { Attempt } from '../server/activity';
import type { Agenda } from '../agenda';
import type { World } from '../world';
import { boundMs } from './bounds';
import type { Started, WorkerChaos } from './fate';
import { asFault, Stopped, type Doing, type Rest, type Steps, type Target } from './model';

/** What a worker works on and with. */
export type Workplace = {
  readonly agenda: Agenda;
  readonly world: World;
  readonly chaos: WorkerChaos;
  readonly sealed: SealedPlan;
  readonly temporal: {
    readonly lastHeartbeat: Doing['lastHeartbeat'];
    onAsked(attempt: Attempt): void;
    latestRelease(): string | undefined;
    readonly known: Doing['known'];
    describeRun(task: Attempt['task']): ReturnType<Doing['describeRun']>;
  };
  readonly note: (kind: string, detail: string) => void;
};

/** One attempt, step by step in virtual time, with whatever the seed does to it. */
export function playAttempt(
  { agenda, world, chaos, sealed, temporal, note }: Workplace,
  attempt: Attempt,
  onEnd: () => void,
): Started {
  const { task } = attempt;
  const model = models[task.type];
  if (model === undefined)
    throw new Error(`the simulation knows no activity ${task.type}: model it in test/simulation/activities`);
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
      latestRelease: () => temporal.latestRelease(),
      beat: (details) => attempt.beat(details),
      onAsked: () => temporal.onAsked(attempt),
      describeRun: () => temporal.describeRun(task),
      fails: (what) => chaos.fails(what),
      known: temporal.known,
    },
    task.input as Parameters<typeof model>[1],
  );

  function end(): void {
    isDead = true;
    onEnd();
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
      arrive('worker', true);
    });
  }

  function arrive(target: Target, isOwnRest = false): void {
    if (isDead) return;
    const leftMs = frozenUntilMs - agenda.nowMs();
    if (leftMs > 0) return void agenda.after(leftMs, () => thaw());
    const fate = chaos.fateAt(target);
    if (fate.kind !== 'goes-on') note('fate', `${task.type} ${task.seq}.${attempt.number} ${fate.kind} at ${target}`);
    // Nobody is asked when a rest is over, so nobody can refuse.
    if (isOwnRest && (fate.kind === 'unavailable' || fate.kind === 'refused')) return next();
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
