import { backward } from '../../../src/activities/fence';
import type { DrainInput } from '../../../src/activities/drain';
import { nextDrainStep, type DrainMemory } from '../../../src/core/release/drain';
import { Fault, Stopped, type Models } from './model';
import { ask, isSame, on, writeSplit, writeWeights } from './splits';

/** Users are led back step by step; the memory of the last step travels with the heartbeat. */
export const drain: Models = {
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
      yield* writeWeights(doing, on(permit.roles, 100 - step.toPercent, share), canary);
      yield 'proxy';
      if (world.split[canary].weight !== step.toPercent) continue;
      if (step.toPercent === 0 && world.split[canary].state === 'ready')
        yield* writeSplit(doing, on(permit.roles, 100, { weight: 0, state: 'drain' }));
      memory = { ...memory, lastStepAtMs: nowMs() };
      doing.beat(memory);
    }
  },
};
