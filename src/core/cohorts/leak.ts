import type { Verdict } from '../analysis/types';

/** What the probe of a stage that exposes cohorts alone has found so far. */
export type LeakReading = { readonly stageIndex: number } & (
  | { readonly kind: 'asking' }
  /** So many listed members outside were asked for in the last round, and strangers beside them. */
  | { readonly kind: 'clean'; readonly members: number }
  | { readonly kind: 'leak'; readonly who: string }
  | { readonly kind: 'unknown'; readonly detail: string }
);

const metric = 'cohort-leak';

/** A user outside who sees the canary turns the release back; not knowing is never good news. */
export function judgeLeak(reading: LeakReading): Verdict {
  switch (reading.kind) {
    case 'asking':
      return {
        metric,
        guardrail: true,
        value: 'inconclusive',
        reason: `${metric}: it is not known yet whether users outside the cohorts see the canary`,
      };
    case 'clean':
      return {
        metric,
        guardrail: true,
        value: 'pass',
        reason: `${metric}: ${reading.members} members outside the cohorts and users whom no list names were probed, and none sees the canary`,
      };
    case 'leak':
      return {
        metric,
        guardrail: true,
        value: 'fail',
        reason: `${metric}: ${reading.who} is in no cohort of this release and sees the canary`,
      };
    case 'unknown':
      return {
        metric,
        guardrail: true,
        value: 'inconclusive',
        missing: 'unreachable',
        reason: `${metric}: nobody knows who sees the canary: ${reading.detail}`,
      };
  }
}
