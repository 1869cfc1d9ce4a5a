import { presetDefaults } from '../analysis/catalogue/defaults';
import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Environment } from '../environment/schema';
import type { Policy } from '../policy/schema';
import { findReady, placeOf, presetRule } from './compile-preset';
import { limitOf } from './limit-of';
import type { MetricRule } from './plan';
import type { Refuse } from './refusal';
import type { ResolveTarget } from './targets';
import { valueRule } from './value-rule';

type Metric = Descriptor['metrics'][string];

export type MetricSources = {
  readonly descriptor: Descriptor;
  readonly environment: Environment;
  readonly policy: Policy;
};

/** The metrics of a descriptor with their limits as numbers, their queries written and their target resolved. */
export function compileMetrics(
  { descriptor, environment, policy }: MetricSources,
  resolveTarget: ResolveTarget,
  refuse: Refuse,
): readonly MetricRule[] {
  const place = placeOf(environment, descriptor.service);
  const rules = Object.entries(descriptor.metrics).flatMap(([name, metric]): readonly MetricRule[] => {
    const common = { name, guardrail: metric.guardrail, ...ownerOf(metric, policy) };
    const target = (): string | undefined => resolveTarget({ purpose: 'metrics', where: `Metric \`${name}\`` });
    if ('preset' in metric) {
      const query = findReady(name, metric, place, refuse);
      if (query === undefined) return [];
      const read = query.kind === 'proxy-errors' ? '' : target();
      return read === undefined ? [] : [presetRule(common, metric, query, read)];
    }
    if (metric.source === 'proxy') return [{ ...common, kind: 'proxy-errors', limit: limitOf(metric.max) }];
    refuseOwnQuery(name, policy, refuse);
    const read = target();
    return read === undefined ? [] : [ownRule(common, metric, read)];
  });
  return rules;
}

type OwnQuery = Extract<Metric, { source: 'prometheus' }>;

function ownRule(
  common: Pick<MetricRule, 'name' | 'guardrail' | 'owner'>,
  metric: OwnQuery,
  target: string,
): MetricRule {
  if ('value' in metric) return valueRule({ ...common, target, query: metric.value }, metric);
  const limit = limitOf(metric.max);
  if ('bad' in metric) return { ...common, kind: 'ratio', target, bad: metric.bad, total: metric.total, limit };
  const aboveMs = durationMs(metric.above);
  return { ...common, kind: 'histogram', target, series: metric.histogram, aboveMs, limit };
}

function ownerOf(metric: Metric, { roles }: Policy): Pick<MetricRule, 'owner'> {
  const role = metric.owner ?? ('preset' in metric ? presetDefaults[metric.preset].owner : undefined);
  if (role === undefined) return {};
  return { owner: { role, people: Object.hasOwn(roles, role) ? (roles[role] ?? []) : [] } };
}

function refuseOwnQuery(name: string, policy: Policy, refuse: Refuse): void {
  if (policy.metrics.ownQueries === 'allowed') return;
  refuse({
    code: 'own-query-refused',
    kind: 'denied',
    message: `Metric \`${name}\` writes PromQL of its own, and policy \`${policy.name}\` refuses that.`,
    fix: 'Use a ready-made metric (`preset`), or have the policy set `metrics.ownQueries: allowed`.',
  });
}
