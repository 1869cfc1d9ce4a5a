import type { Environment, TargetOf } from '../environment/schema';
import { knownNames } from '../nearest-name';
import type { Refuse } from './refusal';

type Cohorts = NonNullable<TargetOf<'haproxy'>['cohorts']>;

/** Who belongs to a cohort: these values of one attribute, such as `tenant`. */
export type CohortMembers = { readonly attribute: string; readonly values: readonly string[] };

/** The traffic target, where there is one and it is a HAProxy. */
export function findProxy({
  environment,
  target = '',
}: {
  readonly environment: Environment;
  readonly target: string | undefined;
}): TargetOf<'haproxy'> | undefined {
  const found = Object.hasOwn(environment.targets, target) ? environment.targets[target] : undefined;
  return found?.kind === 'haproxy' ? found : undefined;
}

/** The members of a cohort, or undefined after a refusal. `where` is who asks for it, as the beginning of a sentence. */
export function findCohort(
  { cohort, where }: { readonly cohort: string; readonly where: string },
  { named }: Cohorts,
  refuse: Refuse,
): CohortMembers | undefined {
  const [found] = Object.entries((Object.hasOwn(named, cohort) ? named[cohort] : undefined) ?? {});
  if (found !== undefined) return { attribute: found[0], values: found[1] };
  return refuse({
    code: 'unknown-cohort',
    kind: 'invalid',
    message: `${where} cohort \`${cohort}\`, which the environment does not have. ${knownNames(cohort, Object.keys(named))}`,
    fix: 'Correct the name, or have the cohort added under `cohorts.named` of the traffic target.',
  });
}
