import type { Environment } from '../environment/schema';
import type { Json } from '../json';
import { findCohort, findProxy } from './find-cohort';
import { flagText } from './flag-text';
import type { Refuse } from './refusal';

type Fields = { readonly [key: string]: Json };
type CohortFields = Fields & { readonly cohort: string };
type Wish = { readonly flag: string; readonly target: string; readonly value: Json };
type CohortPlace = { readonly environment: Environment; readonly traffic: string | undefined };

/** What the flag becomes, and the cohort whose tenants it lists where one is named. */
export type FlagValue = { readonly value: Json; readonly cohort?: string };

/** Who evaluates a flag knows the tenant of a request by a field of the context, and nothing else that cohorts go by. */
export const tenantAttribute = 'tenant';

/** A value with one of these is a whole definition, which may have a field `cohort` of its own. */
const definitionKeys = ['state', 'variants', 'enabled', 'strategies'];
const limitKeys = ['percent', 'tenants'];

/** Longer names than cohorts have are not compared with theirs, nor shown. */
const longestName = 63;

/** A written value with the name of a cohort replaced by its tenants, or undefined after a refusal. */
export function flagValue(wish: Wish, place: CohortPlace, refuse: Refuse): FlagValue | undefined {
  const { flag, target, value } = wish;
  const isOwn = place.environment.targets[target]?.kind === 'flag-file';
  if (!namesCohort(value) || !isShortForm(value, isOwn)) return { value };
  const { cohort, ...beside } = value;
  const fault = cohort.length > longestName ? 'the name is longer than that of any cohort' : faultOf(beside);
  if (fault !== undefined) return refuseForm(flag, fault, refuse);
  const tenants = tenantsOf({ flag, cohort }, place, refuse);
  return tenants === undefined ? undefined : { value: { tenants, ...beside }, cohort };
}

const namesCohort = (value: Json): value is CohortFields =>
  typeof value === 'object' && value !== null && 'cohort' in value && typeof value.cohort === 'string';

/** In a file of the service's own other keys make it a value of the service's own, too; elsewhere they are mistakes. */
export function isShortForm(value: Fields, isOwn: boolean): boolean {
  const others = Object.keys(value).filter((key) => key !== 'cohort' && !limitKeys.includes(key));
  return isOwn ? others.length === 0 : !others.some((key) => definitionKeys.includes(key));
}

function faultOf(beside: Fields): string | undefined {
  const other = Object.keys(beside).find((key) => key !== 'percent');
  if (other === 'tenants') return '`tenants` stands beside it: which of the two would count is nowhere said';
  if (other !== undefined) return `${flagText(other)} stands beside it and means nothing there`;
  const { percent = 0 } = beside;
  const isPercent = typeof percent === 'number' && Number.isInteger(percent) && percent >= 0 && percent <= 100;
  return isPercent ? undefined : '`percent` is no whole number from 0 to 100';
}

function refuseForm(flag: string, fault: string, refuse: Refuse): undefined {
  return refuse({
    code: 'wrong-flag-cohort',
    kind: 'invalid',
    message: `The value of flag \`${flag}\` names a cohort, and ${fault}.`,
    fix: 'Write `{ cohort: NAME }` or `{ cohort: NAME, percent: 50 }` and nothing else.',
  });
}

function tenantsOf(
  { flag, cohort }: { readonly flag: string; readonly cohort: string },
  { environment, traffic }: CohortPlace,
  refuse: Refuse,
): readonly string[] | undefined {
  // Then the target itself was refused, and nobody can know its cohorts.
  if (traffic === undefined) return undefined;
  const cohorts = findProxy({ environment, target: traffic })?.cohorts;
  if (cohorts === undefined)
    return refuse({
      code: 'no-cohorts',
      kind: 'invalid',
      message: `Flag \`${flag}\` is for cohort \`${cohort}\`, and traffic target \`${traffic}\` of the environment knows no cohorts.`,
      fix: 'Write `tenants` with their names instead, or have `cohorts` described at the target.',
    });
  const members = findCohort({ cohort, where: `Flag \`${flag}\` is for` }, cohorts, refuse);
  if (members === undefined) return undefined;
  if (members.attribute === tenantAttribute) return [...members.values].sort();
  return refuse({
    code: 'cohort-without-tenants',
    kind: 'invalid',
    message: `Flag \`${flag}\` is for cohort \`${cohort}\`, which goes by ${members.attribute}: flags are evaluated for a ${tenantAttribute}, so nobody could say who of it gets the flag.`,
    fix: `Name a cohort that goes by ${tenantAttribute}, or write \`tenants\` with their names.`,
  });
}
