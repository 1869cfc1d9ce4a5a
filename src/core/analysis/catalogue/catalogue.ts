import type { Convention, ReadyQuery } from './convention';
import { envoy } from './envoy';
import { haproxy } from './haproxy';
import { istio } from './istio';
import { kubernetes } from './kubernetes';
import { matchersOf, type Labels } from './matchers';
import type { ConventionName, PresetName } from './names';
import { nginx } from './nginx';
import { opentelemetry } from './opentelemetry';
import { prometheusClient } from './prometheus-client';

const conventions: { readonly [N in ConventionName]: Convention } = {
  haproxy,
  opentelemetry,
  'prometheus-client': prometheusClient,
  istio,
  envoy,
  nginx,
  kubernetes,
};

/** Where a service's series are. */
export type Place = {
  readonly service: string;
  /** Conventions the service's metrics follow, best first; empty labels stand for the convention's own. */
  readonly conventions: { readonly [N in ConventionName]?: Labels };
  /** Backend and server of the proxy, `$slot` in the server's name; undefined where the names hold no slot. */
  readonly proxyLabels?: Labels | undefined;
};

/** The conventions that have a ready-made metric. */
export const conventionsWith = (preset: PresetName): readonly ConventionName[] =>
  Object.values(conventions)
    .filter(({ presets }) => presets[preset] !== undefined)
    .map(({ name }) => name);

/**
 * The convention to read a ready-made metric by: errors by the proxy's own counters, which are the fastest; the rest by
 * the first convention of the place that has it, else by the proxy's exporter. Undefined where none has it.
 */
export function conventionFor(preset: PresetName, place: Place): ConventionName | undefined {
  if (preset === 'http-errors') return 'haproxy';
  const own = conventionsWith(preset).filter((name) => Object.hasOwn(place.conventions, name));
  const best = Object.keys(place.conventions).find((name) => own.some((each) => each === name));
  return own.find((name) => name === best) ?? (conventionsWith(preset).includes('haproxy') ? 'haproxy' : undefined);
}

function labelsOf({ name, labels }: Convention, place: Place): Labels | undefined {
  const own = place.conventions[name];
  const wanted =
    own !== undefined && Object.keys(own).length > 0 ? own : name === 'haproxy' ? place.proxyLabels : labels;
  if (wanted === undefined) return undefined;
  const fill = (text: string): string => text.replaceAll('$service', place.service);
  const filled = Object.entries(wanted).map(
    ([label, value]) => [label, typeof value === 'string' ? fill(value) : value.map(fill)] as const,
  );
  return Object.fromEntries(filled);
}

/** A ready-made metric by a convention; undefined where the convention has none, or cannot tell the slots apart. */
export function readyQuery(preset: PresetName, name: ConventionName, place: Place): ReadyQuery | undefined {
  const convention = conventions[name];
  const build = convention.presets[preset];
  if (build === undefined) return undefined;
  const labels = labelsOf(convention, place);
  if (labels !== undefined) return build((metric, own = {}) => `${metric}{${matchersOf({ ...labels, ...own })}}`);
  // The counters of the proxy itself need no labels.
  const query = build((metric) => metric);
  return query.kind === 'proxy-errors' ? query : undefined;
}

/** Answers and bad answers of a slot as the proxy's exporter counts them; undefined where it cannot tell the slots apart. */
export function proxySeries(place: Place): { readonly total: string; readonly bad: string } | undefined {
  const labels = labelsOf(haproxy, place);
  if (labels === undefined) return undefined;
  const answers = (own: Labels): string => `haproxy_server_http_responses_total{${matchersOf({ ...labels, ...own })}}`;
  return { total: answers({}), bad: answers({ code: '5xx' }) };
}
