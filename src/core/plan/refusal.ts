/** Why a plan cannot be made. */
type RefusalCode =
  | 'wrong-environment'
  | 'unknown-service'
  | 'unknown-target'
  | 'wrong-target-kind'
  | 'missing-target'
  | 'missing-file'
  | 'unknown-gate'
  | 'reserved-gate-name'
  | 'unknown-role'
  | 'too-few-approvers'
  | 'duplicate-migration'
  | 'empty-migration'
  | 'backfill-without-key'
  | 'backfill-without-range'
  | 'duplicate-invariant'
  | 'duplicate-reconcile'
  | 'duplicate-flag'
  | 'flag-cannot-follow'
  | 'login-not-known'
  | 'login-unknown'
  | 'login-not-open'
  | 'login-in-use'
  | 'conflicting-configuration'
  | 'decreasing-exposure'
  | 'no-cohorts'
  | 'unknown-cohort'
  | 'overlapping-cohorts'
  | 'cohort-exposed-before'
  | 'cohort-without-tenants'
  | 'unknown-tenant'
  | 'wrong-flag-cohort'
  | 'cohort-leak'
  | 'policy-floor'
  | 'invalid-bundle'
  | 'unsafe-sql'
  | 'plan-changed'
  | 'target-refuses'
  | 'file-unwritable'
  | 'not-at-rest'
  | 'baseline-not-running'
  | 'baseline-under-capacity'
  | 'baseline-unhealthy'
  | 'invariant-broken'
  | 'preset-unavailable'
  | 'own-query-refused'
  | 'sentinel-missing'
  | 'combination-unexercised'
  | 'wrong-tool'
  | 'pgroll-parts'
  | 'contract-mixed'
  | 'undo-differs'
  | 'trial-failed'
  | 'trial-missing'
  | 'open-release'
  | 'role-mismatch'
  | 'lineage-broken'
  | 'contract-renamed'
  | 'superuser-refused'
  | 'nothing-to-recover'
  | 'already-promoted'
  | 'later-release'
  | 'still-running'
  | 'state-lost';

export type Refusal = {
  readonly code: RefusalCode;
  /** `invalid`: the files do not fit together; `denied`: the policy forbids it. */
  readonly kind: 'invalid' | 'denied';
  /** What is wrong, where and why. */
  readonly message: string;
  /** What to do next. */
  readonly fix: string;
};

/** Takes note of a refusal; returns undefined so that a resolver can `return refuse(…)`. */
export type Refuse = (refusal: Refusal) => undefined;
