import { whyUnwanted } from '../../../src/activities/fence';
import type { Slot, Slots } from '../../../src/core/plan/effects';
import type { Split } from '../../../src/ports/traffic';
import { firstRunId } from '../plans';
import { change, Fault, Stopped, type Calls, type Doing } from './model';

/** The baseline with that weight in service, and the canary as told. */
export const on = (roles: Slots, baselineWeight: number, canary: Split['blue']): Split => {
  const baseline = { weight: baselineWeight, state: 'ready' } as const;
  return roles.baseline === 'blue' ? { blue: baseline, green: canary } : { blue: canary, green: baseline };
};

export const isSame = (left: Split, right: Split): boolean => JSON.stringify(left) === JSON.stringify(right);

export function* writeSplit(doing: Doing, split: Split): Calls {
  yield 'proxy';
  change(doing, `split ${JSON.stringify(split)}`, () => (doing.world.split = split));
}

/** Weights alone: a slot in `maint` stays there. A share of `falling` is never raised: nothing is written then. */
export function* writeWeights(doing: Doing, wanted: Split, falling?: Slot): Calls {
  yield 'proxy';
  if (falling !== undefined && doing.world.split[falling].weight < wanted[falling].weight) return;
  const { blue, green } = doing.world.split;
  const split = { blue: { ...blue, weight: wanted.blue.weight }, green: { ...green, weight: wanted.green.weight } };
  change(doing, `split ${JSON.stringify(split)}`, () => (doing.world.split = split));
}

export function* readAs(doing: Doing, wanted: Split, canary: Slot): Calls {
  yield 'proxy';
  if (doing.world.split[canary].state !== 'ready') throw new Fault('Conflict', 'the slot is not in service', false);
  if (!isSame(doing.world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
}

/** The question right before a write that exposes somebody: is this very attempt still wanted? */
export function* ask({ attempt, describeRun, onAsked }: Doing, phases?: readonly string[]): Calls {
  yield 'worker';
  const { seq } = attempt.task;
  const run = describeRun();
  if (run?.pending.some((each) => each.activityId === String(seq) && each.isCancelRequested) === true)
    throw new Stopped();
  const why = whyUnwanted(run, firstRunId, { activityId: String(seq), attempt: attempt.number }, phases);
  if (why !== undefined) throw new Fault('Conflict', why, false);
  onAsked();
}
