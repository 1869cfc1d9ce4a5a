import type { Json } from '../../../src/core/json';
import type { Effect, SealedEffect } from '../../../src/core/plan/effects';
import type { World as WorldShot } from '../../../src/core/release/snapshot';
import type { WatchSettingsInput } from '../../../src/activities/drift';
import { change, Fault, Stopped, type Doing, type Models } from './model';
import { ask } from './splits';

/** What is there instead of what was set; undefined where it is as set. */
export function otherThan({ world }: Doing, { effect }: SealedEffect, canary: 'blue' | 'green'): string | undefined {
  if (effect.kind === 'configure')
    return world.configuration[canary].endsWith(` with ${effect.key}`) ? undefined : 'other bytes';
  if (effect.kind !== 'flag') return undefined;
  const found = JSON.stringify(world.flags.get(effect.flag)) ?? 'none';
  return found === JSON.stringify(effect.value) ? undefined : found;
}

/** Whether a kill switch reads neither as it was before nor as the release set it. */
export function isThrown(effect: Effect, { flags }: WorldShot, found: Json | undefined): boolean {
  if (effect.kind !== 'flag' || !effect.killSwitch) return false;
  const before = flags[effect.target]?.[effect.flag]?.[0];
  return ![before, effect.value].some((value) => JSON.stringify(value) === JSON.stringify(found));
}

/** Configuration and flags. */
export const settings: Models = {
  *assertUnchanged({ world }, { permit, sealed, kept }) {
    const { effect } = sealed;
    const { world: before } = kept.snapshot;
    const { canary } = permit.roles;
    yield effect.kind === 'flag' ? 'flags' : 'configuration';
    const isSame =
      effect.kind === 'flag'
        ? JSON.stringify(world.flags.get(effect.flag)) ===
          JSON.stringify(before.flags[effect.target]?.[effect.flag]?.[0])
        : world.configuration[canary] === before.configuration[effect.target]?.[canary];
    if (!isSame) throw new Fault('Conflict', 'somebody else changed it', false);
    return null;
  },
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
  *restoreFlag(doing, { sealed, onlyVerify, kept, isWritten }) {
    const { world } = doing;
    const effect = sealed.effect as Extract<SealedEffect['effect'], { kind: 'flag' }>;
    const { flag, target } = effect;
    const before = kept.snapshot.world.flags[target]?.[flag] ?? null;
    yield 'flags';
    // Read and write are one step here: what lands between them is overwritten.
    if (isWritten !== undefined && isThrown(effect, kept.snapshot.world, world.flags.get(flag)))
      return { observed: JSON.stringify(world.flags.get(flag)), before: JSON.stringify(before) };
    if (!onlyVerify) {
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
    const { effects, known, forMs = Infinity } = input as unknown as WatchSettingsInput;
    const untilMs = doing.nowMs() + forMs;
    for (;;) {
      if (doing.isCancelled() || !doing.attempt.isWanted()) throw new Stopped();
      for (const sealed of effects) {
        const { key } = sealed.effect;
        const observed = otherThan(doing, sealed, input.permit.roles.canary);
        if (observed !== known[key]) return { effect: key, ...(observed === undefined ? {} : { observed }) };
      }
      if (doing.nowMs() >= untilMs) return null;
      yield { restMs: Math.min(60_000, untilMs - doing.nowMs()) };
    }
  },
};
