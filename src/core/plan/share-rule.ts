import type { MetricRule } from './plan';

/** A metric that compares shares of counted events. */
export type ShareRule = Extract<MetricRule, { limit: unknown }>;

export const isShareRule = (rule: MetricRule): rule is ShareRule => 'limit' in rule;

export const shareRules = (metrics: readonly MetricRule[]): readonly ShareRule[] => metrics.filter(isShareRule);
