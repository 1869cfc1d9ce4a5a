import type { Plan, SealedPlan } from './plan';

/** A plan as people read it before they start it: plain text, at most 100 columns. */
export function describePlan(_plan: Plan | SealedPlan): string {
  throw new Error('not described yet');
}
