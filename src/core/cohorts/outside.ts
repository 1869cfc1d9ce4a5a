import { sha256Hex } from '../canonical';
import type { Environment } from '../environment/schema';
import type { Asker } from './asker';
import type { CohortShare } from './members';

/** Somebody in no cohort that is exposed, and how a sentence names them. */
export type Outsider = { readonly asker: Asker; readonly name: string; readonly isListed: boolean };

const strangerCharacters = 16;

/** A name that nobody has: the same for the same seed, and like no other. */
const strangerOf = (seed: string): string => `u${sha256Hex(seed).slice(0, strangerCharacters)}`;

/** Whoever no list names: a rule that is too wide lets them through although it knows every listed member. */
function strangers(attribute: string, seed: string, hasIdentity: boolean): readonly Outsider[] {
  const stranger = strangerOf(seed);
  const member = `${attribute}/${stranger}`;
  const unlisted = `${member}, which no list names,`;
  const unknown = (asker: Asker, name: string): Outsider => ({ asker, name, isListed: false });
  return [
    unknown({}, hasIdentity ? `a request without ${attribute} and identity` : `a request without ${attribute}`),
    unknown({ member }, unlisted),
    ...(hasIdentity
      ? [
          unknown({ identity: stranger }, `identity ${stranger} without ${attribute}`),
          unknown({ identity: stranger, member }, `identity ${stranger} of ${unlisted}`),
        ]
      : []),
  ];
}

/**
 * Who is in no cohort that is exposed: first strangers of this seed, then the members of the same attribute whom a target
 * knows; undefined where it knows none.
 */
export function outsidersOf(
  { targets }: Environment,
  target: string,
  inside: readonly CohortShare[],
  seed: string,
): readonly Outsider[] | undefined {
  const found = Object.hasOwn(targets, target) ? targets[target] : undefined;
  const cohorts = found?.kind === 'haproxy' ? found.cohorts : undefined;
  const [attribute] = inside.map(({ member }) => member.slice(0, member.indexOf('/')));
  if (cohorts === undefined || attribute === undefined || !Object.hasOwn(cohorts.attributes, attribute))
    return undefined;
  const names = new Set(inside.map(({ member }) => member));
  const listed = (cohorts.attributes[attribute]?.values ?? [])
    .map((value) => `${attribute}/${value}`)
    .filter((member) => !names.has(member));
  return [
    ...strangers(attribute, seed, cohorts.probe.identity !== undefined),
    ...listed.map((member) => ({ asker: { member }, name: member, isListed: true })),
  ];
}
