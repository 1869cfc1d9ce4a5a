import { conventionFor, conventionsWith, readyQuery, type Place } from '../analysis/catalogue/catalogue';
import type { ReadyQuery } from '../analysis/catalogue/convention';
import { defaultAbove, presetDefaults } from '../analysis/catalogue/defaults';
import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Environment } from '../environment/schema';
import { limitOf } from './limit-of';
import type { MetricRule } from './plan';
import type { Refuse } from './refusal';

type Preset = Extract<Descriptor['metrics'][string], { preset: unknown }>;
type Common = Pick<MetricRule, 'name' | 'guardrail' | 'owner'>;

/** Where the series of a service are, by its entry in the environment and the names at its proxy. */
export function placeOf(environment: Environment, service: string): Place {
  const entry = environment.services[service];
  const proxy = entry === undefined ? undefined : environment.targets[entry.traffic];
  const conventions = entry?.conventions ?? {};
  if (proxy?.kind !== 'haproxy') return { service, conventions };
  const server = proxy.servers.blue.replace('blue', '$slot');
  const isSlot = server.includes('$slot') && server.replace('$slot', 'green') === proxy.servers.green;
  return { service, conventions, proxyLabels: isSlot ? { proxy: proxy.backend, server } : undefined };
}

/** Which query a ready-made metric stands for, or undefined after a refusal. */
export function findReady(name: string, preset: Preset, place: Place, refuse: Refuse): ReadyQuery | undefined {
  const convention = preset.convention ?? conventionFor(preset.preset, place);
  const query = convention === undefined ? undefined : readyQuery(preset.preset, convention, place);
  if (query !== undefined) return query;
  const known = conventionsWith(preset.preset);
  const isUnplaced = convention !== undefined && known.includes(convention);
  return refuse({
    code: 'preset-unavailable',
    kind: 'invalid',
    message: isUnplaced
      ? `Metric \`${name}\`: the names of the proxy's two servers differ by more than \`blue\` and \`green\`, so \`${convention}\` cannot pick a slot.`
      : `Metric \`${name}\`: ${convention === undefined ? 'no convention of the service has' : `\`${convention}\` has no`} \`${preset.preset}\`; ${known.join(', ')} have it.`,
    fix: isUnplaced
      ? 'Name the servers alike, such as `web-blue` and `web-green`, or write `conventions` in the environment with labels of its own.'
      : `Name one of them as \`convention\`, have it added under \`conventions\` of \`${place.service}\` in the environment, or take the metric out.`,
  });
}

/** The rule of a plan for a ready-made metric; the target is that of the service's metrics. */
export function presetRule(common: Common, preset: Preset, query: ReadyQuery, target: string): MetricRule {
  const max = preset.max ?? presetDefaults[preset.preset].max;
  const aboveMs = durationMs(preset.above ?? defaultAbove);
  switch (query.kind) {
    case 'proxy-errors':
      return { ...common, kind: 'proxy-errors', limit: limitOf(max) };
    case 'ratio':
      return { ...common, kind: 'ratio', target, bad: query.bad, total: query.total, limit: limitOf(max) };
    case 'histogram': {
      const unit = query.unit === 'ms' ? { unit: query.unit } : {};
      return { ...common, kind: 'histogram', target, series: query.series, aboveMs, ...unit, limit: limitOf(max) };
    }
    case 'value':
      return { ...common, kind: 'value', target, query: query.query, max: query.bound ? aboveMs / 1_000 : Number(max) };
  }
}
