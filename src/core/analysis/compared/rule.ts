import type { MetricRule } from '../../plan/plan';

/** A metric whose value is held against the baseline's. */
export type ComparedRule = Extract<MetricRule, { kind: 'compared' }>;

export const isCompared = (rule: MetricRule): rule is ComparedRule => rule.kind === 'compared';
