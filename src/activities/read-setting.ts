import { isSameJson } from '../core/canonical';
import type { SealedEffect } from '../core/plan/effects';
import { flagText } from '../core/plan/flag-text';
import type { Permit } from '../core/plan/plan';
import type { Snapshot } from '../core/release/snapshot';
import { withoutCredentials } from '../core/secrets/credential-shapes';
import { openEffect } from './permit';
import type { Ports } from './ports';

/** A flag for people; what somebody else put into it may be anything. */
export const textOf = (found: Parameters<typeof flagText>[0] | undefined): string =>
  found === undefined ? 'no such flag' : withoutCredentials(flagText(found));

/** What is there instead of what the release set; undefined where it is as set. */
export async function readOther(ports: Ports, permit: Permit, sealed: SealedEffect): Promise<string | undefined> {
  if (sealed.effect.kind === 'configure') {
    const { target, set } = openEffect(ports, permit, sealed, 'configure');
    const isApplied = await ports.configuration(target).isApplied(permit.roles, set);
    const keys = Object.keys(set);
    const what = keys.length === 0 ? 'no document that can be read' : `other values of ${keys.join(', ')}`;
    return isApplied ? undefined : `${what} in ${permit.roles.canary}`;
  }
  const { target, flag, value } = openEffect(ports, permit, sealed, 'flag');
  const flags = ports.flags(target);
  const found = await flags.read(flag);
  if (found === undefined) return textOf(found);
  return isSameJson(found, await flags.foretell(flag, { found, value })) ? undefined : textOf(found);
}

/** What is there instead of what the release found and put back; undefined where it is as before. */
export async function readUnlike(
  ports: Ports,
  permit: Permit,
  { sealed, snapshot: { world } }: { readonly sealed: SealedEffect; readonly snapshot: Snapshot },
): Promise<string | undefined> {
  if (sealed.effect.kind === 'configure') {
    const { target } = openEffect(ports, permit, sealed, 'configure');
    const { canary } = permit.roles;
    const digest = await ports.configuration(target).digest(canary);
    return digest === world.configuration[target]?.[canary] ? undefined : `other bytes in ${canary}`;
  }
  const { target, flag } = openEffect(ports, permit, sealed, 'flag');
  const found = await ports.flags(target).read(flag);
  return isSameJson(found, world.flags[target]?.[flag]?.[0]) ? undefined : textOf(found);
}
