import { didYouMean } from '../descriptor/suggest';
import type { Environment } from '../environment/schema';
import type { Json } from '../json';
import { findProxy } from './find-cohort';
import { isShortForm, tenantAttribute } from './flag-value';
import type { Refuse } from './refusal';

type Wish = {
  readonly flag: string;
  readonly target: string;
  readonly value: Json;
  /** Where the descriptor says it, such as `flags[0]`. */
  readonly at: string;
};

/** Longer names than tenants have are not shown. */
const longestName = 100;
const mostRefusals = 10;
const mostWords = 300;

/** Refuses tenants of a flag that the traffic target does not know; where it knows none, nobody can tell. */
export function refuseUnknownTenants(
  { flag, target, value, at }: Wish,
  { environment, traffic }: { readonly environment: Environment; readonly traffic: string | undefined },
  refuse: Refuse,
): void {
  const known = findProxy({ environment, target: traffic })?.cohorts?.attributes[tenantAttribute]?.values;
  const isOwn = environment.targets[target]?.kind === 'flag-file';
  if (known === undefined || !isObject(value) || !isShortForm(value, isOwn) || !Array.isArray(value['tenants'])) return;
  const all = new Set(known);
  const unknown = value['tenants'].flatMap((tenant: Json, index: number) =>
    typeof tenant === 'string' && !all.has(tenant) ? [{ tenant, index }] : [],
  );
  for (const { tenant, index } of unknown.slice(0, mostRefusals)) {
    const shown = tenant.length > longestName ? 'a name longer than any has' : `\`${tenant}\``;
    refuse({
      code: 'unknown-tenant',
      kind: 'invalid',
      message: `\`${at}.value.tenants[${index}]\`: flag \`${flag}\` is for tenant ${shown}, which traffic target \`${traffic}\` of the environment does not know: nobody would get the flag by it.`,
      fix: `${hintFor(tenant, known)} Correct the name, or have it added to the values of attribute \`${tenantAttribute}\` under \`cohorts\` of \`${traffic}\`.`,
    });
  }
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Thousands of tenants are no hint. */
function hintFor(tenant: string, known: readonly string[]): string {
  const hint = didYouMean(tenant.slice(0, longestName), known);
  if (hint.length > mostWords) return `It has ${known.length} others.`;
  return `${hint.charAt(0).toUpperCase()}${hint.slice(1)}${hint.endsWith('?') ? '' : '.'}`;
}
