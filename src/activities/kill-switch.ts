import { isSameJson } from '../core/canonical';
import type { Json } from '../core/json';
import type { Effect } from '../core/plan/effects';
import type { LeftSwitch } from '../core/release/left-switch';
import type { Snapshot, World } from '../core/release/snapshot';
import type { Ports } from './ports';
import { textOf } from './read-setting';

type FlagEffect = Extract<Effect, { kind: 'flag' }>;

type Seen = {
  readonly found: Json | undefined;
  /** What the snapshot has. */
  readonly before: Json | undefined;
  /** Whether the release knows that it had written it to the end; else half of its own write may stand there. */
  readonly isWritten: boolean;
};

/**
 * Whether somebody else threw a kill switch: it reads neither as before the release nor as the release set it, nor as one of
 * its own writes leaves it that stopped in the middle. What the release set is what its value makes of the flag in the snapshot.
 */
async function isThrown(
  ports: Ports,
  { target, flag, value, killSwitch }: FlagEffect,
  { found, before, isWritten }: Seen,
): Promise<boolean> {
  if (!killSwitch || isSameJson(found, before)) return false;
  const flags = ports.flags(target);
  const set = await flags.foretell(flag, { found: before, value });
  if (isSameJson(found, set)) return false;
  if (await flags.isHalfWritten(flag, { found, from: set, to: before })) return false;
  return isWritten || !(await flags.isHalfWritten(flag, { found, from: before, to: set }));
}

/** A kill switch as somebody else threw it; undefined where it is the release's to put back. */
export async function readThrown(
  ports: Ports,
  effect: FlagEffect,
  { world }: Snapshot,
  isWritten: boolean,
): Promise<LeftSwitch | undefined> {
  const found = await ports.flags(effect.target).read(effect.flag);
  const before = world.flags[effect.target]?.[effect.flag]?.[0];
  if (!(await isThrown(ports, effect, { found, before, isWritten }))) return undefined;
  return { observed: textOf(found), before: textOf(before) };
}

/** Keys of those whose kill switch reads as thrown in the world that was read; `written` are those known to have been set. */
export async function thrownIn(
  ports: Ports,
  effects: readonly Effect[],
  { now, before, written }: { readonly now: World; readonly before: World; readonly written: readonly string[] },
): Promise<readonly string[]> {
  const thrown: string[] = [];
  for (const effect of effects) {
    if (effect.kind !== 'flag') continue;
    const { target, flag, key } = effect;
    const found = now.flags[target]?.[flag]?.[0];
    const seen = { found, before: before.flags[target]?.[flag]?.[0], isWritten: written.includes(key) };
    if (await isThrown(ports, effect, seen)) thrown.push(key);
  }
  return thrown;
}
