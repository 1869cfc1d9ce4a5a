import type { SealedEffect } from '../../../src/core/plan/effects';
import type { WatchSettingsInput } from '../../../src/activities/drift';
import { change, Fault, Stopped, type Doing, type Models } from './model';
import { ask } from './splits';

/** What is there instead of what was set; undefined where it is as set. */
function otherThan({ world }: Doing, { effect }: SealedEffect, canary: 'blue' | 'green'): string | undefined {
  if (effect.kind === 'configure')
    return world.configuration[canary].endsWith(` with ${effect.key}`) ? undefined : 'other bytes';
  if (effect.kind !== 'flag') return undefined;
  const found = JSON.stringify(world.flags.get(effect.flag)) ?? 'none';
  return found === JSON.stringify(effect.value) ? undefined : found;
}

/** Configuration and flags. */
export const settings: Models = {
  *configure(doing, { permit, sealed }) {
    const { world } = doing;
    const { canary, baseline } = permit.roles;
    const release = permit.seal.firstRunId;
    yield* ask(doing);
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
    yield* ask(doing);
    yield 'flags';
    change(doing, `flag ${effect.flag}`, () => doing.world.flags.set(effect.flag, effect.value));
    yield 'flags';
    return 'set';
  },
  *restoreFlag(doing, { sealed, onlyVerify, kept }) {
    const { world } = doing;
    const { flag, target } = sealed.effect as Extract<SealedEffect['effect'], { kind: 'flag' }>;
    const before = kept.snapshot.world.flags[target]?.[flag] ?? null;
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
  *watchSettings(doing, input) {
    const { effects, known } = input as unknown as WatchSettingsInput;
    for (;;) {
      if (doing.isCancelled() || !doing.attempt.isWanted()) throw new Stopped();
      for (const sealed of effects) {
        const { key } = sealed.effect;
        const observed = otherThan(doing, sealed, input.permit.roles.canary);
        if (observed !== known[key]) return { effect: key, ...(observed === undefined ? {} : { observed }) };
      }
      yield { restMs: 60_000 };
    }
  },
};
