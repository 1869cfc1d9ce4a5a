import type { Environment } from '../environment/schema';
import type { Effect } from './effects';
import type { Invariant, MetricRule, Plan } from './plan';
import type { Rotation } from './rotation';
import { targetDigest } from './target-digest';

/** The targets of a plan beside those that serve, by what they are for. */
export function targetsUsed(
  effects: readonly Effect[],
  {
    invariants,
    metrics,
    rotations,
  }: {
    readonly invariants: readonly Invariant[];
    readonly metrics: readonly MetricRule[];
    readonly rotations: readonly Rotation[];
  },
): Omit<Plan['targets'], 'traffic' | 'deployer'> {
  const of = (kind: Effect['kind']): readonly string[] =>
    effects.filter((effect) => effect.kind === kind).map((effect) => effect.target);
  const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
  return {
    databases: unique([...of('migrate'), ...invariants.map((invariant) => invariant.target)]),
    configuration: unique([...of('configure'), ...rotations.map(({ configuration }) => configuration)]),
    flags: unique(of('flag')),
    metrics: unique(metrics.flatMap((metric) => ('target' in metric ? [metric.target] : []))),
    ...(rotations.length === 0 ? {} : { credentials: unique(rotations.map(({ target }) => target)) }),
  };
}

/** Where each target is. Sinks of notifications are left out: one that moves must never hold a release. */
export function digestTargets(targets: Plan['targets'], environment: Environment): Plan['targetDigests'] {
  const { traffic, deployer, databases, configuration, flags, metrics, credentials = [] } = targets;
  const names = [traffic, deployer, ...databases, ...configuration, ...flags, ...metrics, ...credentials];
  return Object.fromEntries(names.map((name) => [name, targetDigest(environment, name)]));
}
