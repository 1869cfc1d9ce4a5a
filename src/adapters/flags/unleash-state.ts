import { z } from 'zod';
import type { FlagWish } from '../../ports/flags';
import { conditionsOf, parseLimit, type FlagLimit, type LimitFields } from './limit';

const no = z
  .boolean()
  .nullish()
  .transform((given) => given ?? false);
const emptyList = <S extends z.ZodType>(item: S) =>
  z
    .array(item)
    .nullish()
    .transform((given): z.infer<S>[] => given ?? []);

const constraint = z.looseObject({
  contextName: z.string(),
  operator: z.string(),
  values: emptyList(z.string()),
  inverted: no,
  caseInsensitive: no,
});
const variant = z.looseObject({
  name: z.string(),
  weight: z.number(),
  weightType: z.enum(['fix', 'variable']),
  stickiness: z.string(),
});
type Variant = z.infer<typeof variant>;

/** What Unleash gives a strategy beside what somebody said; it differs although nothing else does. */
const givenByUnleash = ['id', 'featureName', 'sortOrder', 'projectId', 'environment', 'milestoneId'];

const strategy = z
  .looseObject({
    name: z.string().min(1),
    // An update to null would leave the title as it was.
    title: z
      .string()
      .nullish()
      .transform((given) => given ?? ''),
    disabled: no,
    parameters: z
      .record(z.string(), z.union([z.string(), z.number()]).transform(String))
      .nullish()
      .transform((given) => given ?? {}),
    constraints: emptyList(constraint),
    segments: emptyList(z.number().int()).transform((ids) => [...ids].sort((a, b) => a - b)),
    variants: emptyList(variant).transform(evenOut),
  })
  .transform((whole) => {
    for (const key of givenByUnleash) delete whole[key];
    return whole;
  });

const stateSchema = z.strictObject({ enabled: z.boolean(), strategies: z.array(strategy) });

/** How a flag stands in one environment, without what Unleash numbers itself. */
export type UnleashState = z.infer<typeof stateSchema>;
export type UnleashStrategy = UnleashState['strategies'][number];

/** Unleash shares what fixed variants leave evenly among the others, the first of them get the rest; it sorts by name. */
function evenOut(variants: readonly Variant[]): Variant[] {
  const variable = variants.filter(({ weightType }) => weightType === 'variable').sort((a, b) => b.weight - a.weight);
  const fixed = variants.filter(({ weightType }) => weightType === 'fix');
  const left = 1000 - fixed.reduce((sum, { weight }) => sum + weight, 0);
  const rest = variable.length === 0 ? 0 : left % variable.length;
  const shared = variable.map((each, index) => ({
    ...each,
    weight: Math.floor(left / variable.length) + (index < rest ? 1 : 0),
  }));
  return [...shared, ...fixed].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A state, or what is wrong with it. */
export function parseState(value: unknown): { state: UnleashState } | { state?: undefined; fault: string } {
  const parsed = stateSchema.safeParse(value);
  if (parsed.success) return { state: parsed.data };
  const [issue] = parsed.error.issues;
  return { fault: `${issue?.path.join('.') || 'value'}: ${issue?.message}` };
}

export const normalised = (given: unknown): UnleashStrategy => strategy.parse(given);

/** As Unleash itself makes one for a flag that is turned on without any, for those of the limit. */
const rolloutOf = (flag: string, limit: FlagLimit, fields: LimitFields): UnleashStrategy =>
  strategy.parse({
    name: 'flexibleRollout',
    parameters: { groupId: flag, rollout: String(limit.percent ?? 100), stickiness: 'default' },
    constraints: conditionsOf(limit, fields).map(({ field, values }) => ({
      contextName: field,
      operator: 'IN',
      values,
    })),
  });

const standard = { rollout: '100', stickiness: 'default' };

/** What is left out of a gradual rollout Unleash fills in. */
const filledIn = (flag: string, given: UnleashStrategy): UnleashStrategy =>
  given.name === 'flexibleRollout'
    ? { ...given, parameters: { ...standard, groupId: flag, ...given.parameters } }
    : given;

type Foretold = { readonly state: UnleashState } | { readonly state?: undefined; readonly fault: string };

/** What a flag becomes when a value is written over it, or why it cannot. */
export function foretellState(flag: string, { found, value }: FlagWish, fields: LimitFields): Foretold {
  const limited = parseLimit(value);
  if (limited !== undefined) {
    if (limited.limit === undefined) return limited;
    return { state: { enabled: true, strategies: [rolloutOf(flag, limited.limit, fields)] } };
  }
  if (typeof value === 'boolean') {
    const { strategies } = parseState(found).state ?? { strategies: [] };
    const needsOne = value && !isActive(strategies);
    const all = needsOne ? [...strategies, rolloutOf(flag, {}, fields)] : strategies;
    return { state: { enabled: value, strategies: all } };
  }
  const wanted = parseState(value);
  if (wanted.state === undefined) return wanted;
  const { enabled } = wanted.state;
  const strategies = wanted.state.strategies.map((each) => filledIn(flag, each));
  if (enabled && !isActive(strategies)) return { fault: 'enabled: Unleash turns nothing on that has no strategy' };
  return { state: { enabled, strategies } };
}

const isActive = (strategies: readonly UnleashStrategy[]): boolean => strategies.some(({ disabled }) => !disabled);
