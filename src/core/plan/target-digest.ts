import { canonicalJson, sha256Hex } from '../canonical';
import { without } from '../without';
import type { Environment, Target, TargetOf } from '../environment/schema';

/** The sentinels that guard a target; none where the target is no proxy. */
export const sentinelsOf = ({ targets }: Environment, name: string): TargetOf<'haproxy'>['sentinels'] => {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  return target?.kind === 'haproxy' ? target.sentinels : [];
};

// A sentinel that moves, or joins, in mid-release must never keep the engine from closing the gate; where undos are tried is
// no part of where they are done, nor is who signs a commit part of where it goes.
function placeOf(target: Target | undefined): unknown {
  if (target?.kind === 'haproxy') return without(target, 'sentinels');
  if (target?.kind === 'configuration-git') return without(without(without(target, 'sign'), 'author'), 'timeout');
  return target?.kind === 'postgres' ? without(target, 'trial') : (target ?? null);
}

/** Digest of where a target is. It holds references of secrets, not their values: rotating a secret changes nothing. */
export const targetDigest = (environment: Environment, name: string): string =>
  sha256Hex(canonicalJson(placeOf(environment.targets[name])));
