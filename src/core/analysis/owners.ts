import type { MetricRule } from '../plan/plan';
import type { Verdict } from './types';

/** Verdicts that stop or hold a release say who answers for the metric, so that every surface that tells them does. */
export const nameOwners = (verdicts: readonly Verdict[], rules: readonly MetricRule[]): readonly Verdict[] =>
  verdicts.map((verdict) => {
    const owner = rules.find(({ name }) => name === verdict.metric)?.owner;
    if (owner === undefined || verdict.value === 'pass') return verdict;
    const people = owner.people.length === 0 ? '' : ` (${owner.people.join(', ')})`;
    return { ...verdict, reason: `${verdict.reason}; owner ${owner.role}${people}` };
  });
