import { canonicalJson, sha256Hex } from '../canonical';
import { without } from '../without';
import type { Environment, Target, TargetOf } from '../environment/schema';

/** The sentinels that guard a target; none where the target is no proxy. */
export const sentinelsOf = ({ targets }: Environment, name: string): TargetOf<'haproxy'>['sentinels'] => {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  return target?.kind === 'haproxy' ? target.sentinels : [];
};

// A sentinel that moves, or joins, in mid-release must never keep the engine from closing the gate; where undos are tried is
// no part of where they are done, nor is who signs a commit part of where it goes, nor where a password is kept part of whose
// it is: a rotation opens its target until its contract is over, and secrets move meanwhile.
// A tenant that joins in mid-release is no other target: the plan says itself who gets the canary. What was not said before
// there was a choice is not said now, so that targets have the digests they had.
function withoutCohorts(target: Omit<TargetOf<'haproxy'>, 'sentinels'>): unknown {
  const { cohorts, assignment, ...place } = without(target, 'stateFiles');
  return {
    ...place,
    ...(assignment === 'weight' ? {} : { assignment }),
    ...(cohorts === undefined ? {} : { map: cohorts.map }),
  };
}

function placeOf(target: Target | undefined): unknown {
  if (target?.kind === 'haproxy') return withoutCohorts(without(target, 'sentinels'));
  if (target?.kind === 'configuration-git') return without(without(without(target, 'sign'), 'author'), 'timeout');
  if (target?.kind === 'postgres-login') return { ...target, logins: target.logins.map(({ role }) => role) };
  return target?.kind === 'postgres' ? without(target, 'trial') : (target ?? null);
}

/** Digest of where a target is. It holds references of secrets, not their values: rotating a secret changes nothing. */
export const targetDigest = (environment: Environment, name: string): string =>
  sha256Hex(canonicalJson(placeOf(environment.targets[name])));
