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
  | 'conflicting-configuration'
  | 'decreasing-exposure'
  | 'policy-floor'
  | 'invalid-bundle'
  | 'unsafe-sql'
  | 'plan-changed'
  | 'target-refuses'
  | 'not-at-rest'
  | 'baseline-not-running'
  | 'baseline-under-capacity'
  | 'baseline-unhealthy'
  | 'invariant-broken'
  | 'preset-unavailable'
  | 'own-query-refused'
  | 'sentinel-missing'
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
