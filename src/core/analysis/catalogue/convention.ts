import type { Labels } from './matchers';
import type { ConventionName, PresetName } from './names';

/** A ready-made metric as the plan needs it; `$slot` stands for the slot. Shares are compared, values are not. */
export type ReadyQuery =
  | { readonly kind: 'proxy-errors' }
  | { readonly kind: 'ratio'; readonly bad: string; readonly total: string }
  | { readonly kind: 'histogram'; readonly series: string; readonly unit: 's' | 'ms' }
  /** `bound`: what the limit is about, where it is not a plain maximum. */
  | { readonly kind: 'value'; readonly query: string; readonly bound?: 'above-in-seconds' };

/** Writes a selector of a metric: the labels that pick the service's slot, and matchers of the metric's own. */
export type Select = (metric: string, own?: Labels) => string;

/** One family of metric and label names, with the ready-made metrics it can give. */
export type Convention = {
  readonly name: ConventionName;
  /** Labels that pick the slot where the environment names none; `$service` stands for the service. */
  readonly labels: Labels;
  readonly presets: { readonly [P in PresetName]?: (select: Select) => ReadyQuery };
};

/** How far back a count of restarts looks. */
export const restartWindow = '5m';
