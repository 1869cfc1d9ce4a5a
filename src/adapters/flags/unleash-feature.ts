import { z } from 'zod';
import { PortError } from '../../ports/errors';
import type { AskUnleash } from './ask-unleash';
import { parseState, type UnleashState } from './unleash-state';

const strategyPlace = z.looseObject({ id: z.string(), sortOrder: z.number().default(0) });
const featureSchema = z.object({
  description: z.string().nullish(),
  environments: z.array(
    z.object({ name: z.string(), enabled: z.boolean(), strategies: z.array(strategyPlace).default([]) }),
  ),
});
const projectSchema = z.object({ environments: z.array(z.object({ environment: z.string() })) });

type StrategyPlace = z.infer<typeof strategyPlace>;

export type UnleashPlace = { readonly url: string; readonly project: string; readonly environment: string };

/** A flag as Unleash tells it: what can be written back, and what is needed to change it. */
export type UnleashFeature = {
  readonly state: UnleashState;
  /** With the numbers that Unleash gave them, in its order. */
  readonly strategies: readonly StrategyPlace[];
  readonly description: string | undefined;
  /** Other environments in which it is on. */
  readonly onElsewhere: readonly string[];
};

/** Older flags may have several strategies in one place: the order must at least be the same at every look. */
const inOrder = (a: StrategyPlace, b: StrategyPlace): number => a.sortOrder - b.sortOrder || (a.id < b.id ? -1 : 1);

/**
 * Reads one flag; undefined when the project has none of this name.
 * @throws PortError Rejected for a project or an environment that is not there: no flag would ever be.
 */
export async function readFeature(
  ask: AskUnleash,
  { url, project, environment }: UnleashPlace,
  flag: string,
): Promise<UnleashFeature | undefined> {
  const rejected = (why: string) => new PortError('Rejected', `Unleash at ${url} ${why}.`);
  const refuseUnknown = (environments: readonly string[]): void => {
    if (environments.includes(environment)) return;
    const known = environments.join(', ');
    throw rejected(`has no environment ${environment} in project ${project}, only ${known}. Correct the target`);
  };
  const about = `flag ${flag}`;
  const answer = await ask({ method: 'GET', path: ['projects', project, 'features', flag], about, mayBeMissing: true });
  if (answer === undefined) {
    const path = ['projects', project, 'overview'];
    const found = await ask({ method: 'GET', path, about: `project ${project}`, mayBeMissing: true });
    if (found === undefined) throw rejected(`has no project ${project}. Correct the target`);
    const parsed = projectSchema.safeParse(found.body);
    if (!parsed.success) throw rejected(`answers what no Unleash says. Correct \`url\` of the target`);
    refuseUnknown(parsed.data.environments.map((each) => each.environment));
    return undefined;
  }
  const parsed = featureSchema.safeParse(answer.body);
  if (!parsed.success) throw rejected(`answers what no Unleash says (${about}). Correct \`url\` of the target`);
  const { description, environments } = parsed.data;
  refuseUnknown(environments.map(({ name }) => name));
  const others = environments.filter(({ name }) => name !== environment);
  const mine = environments.find(({ name }) => name === environment);
  const strategies = [...(mine?.strategies ?? [])].sort(inOrder);
  const read = parseState({ enabled: mine?.enabled === true, strategies });
  if (read.state === undefined)
    throw rejected(`has strategies for flag ${flag} that cannot be read: ${read.fault}. Look at them there`);
  return {
    state: read.state,
    strategies,
    description: description ?? undefined,
    onElsewhere: others.flatMap(({ name, enabled }) => (enabled ? [name] : [])),
  };
}
