import type { Combinations } from '../combinations/setting';
import type { DriftRule } from '../drift/drift';
import type { BudgetRule } from '../analysis/budget/budget';
import type { RiskRule } from '../analysis/risk';
import type { Descriptor } from '../descriptor/schema';
import type { ValueLimit } from '../descriptor/value-limit';
import type { Limit } from '../descriptor/limit';
import type { FileLocks } from './compile-sql';
import type { Compensation, Effect, LeaseRule, SealedEffect, Slots, SqlFile } from './effects';
import type { ReconcileRule } from './reconcile';
import type { Rotation } from './rotation';
import type { GateRule, Stage } from './stages';

export type MetricRule = {
  readonly name: string;
  readonly guardrail: boolean;
  /** Who answers for it, with the people who hold the role; undefined: the owners of the release. */
  readonly owner?: { readonly role: string; readonly people: readonly string[] };
} & (
  | { readonly kind: 'proxy-errors'; readonly limit: Limit }
  | {
      readonly kind: 'ratio';
      readonly target: string;
      readonly bad: string;
      readonly total: string;
      readonly limit: Limit;
    }
  | {
      readonly kind: 'histogram';
      readonly target: string;
      readonly series: string;
      readonly aboveMs: number;
      /** Unit of the bucket bounds; seconds when left out. */
      readonly unit?: 'ms';
      readonly limit: Limit;
    }
  | {
      readonly kind: 'value';
      readonly target: string;
      readonly query: string;
      readonly max?: number;
      readonly min?: number;
    }
  | {
      readonly kind: 'compared';
      readonly target: string;
      readonly query: string;
      readonly max?: ValueLimit;
      readonly min?: ValueLimit;
      readonly method: 'evidence' | 'mann-whitney';
    }
);

export type Check = {
  readonly path: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly status: number;
  readonly bodyContains?: string;
};

export type Invariant = { readonly id: string; readonly target: string; readonly query: SqlFile };

export type NotificationRule = { readonly to: string; readonly on: readonly NotificationKind[] };
export type NotificationKind = 'gate' | 'held' | 'rollback' | 'ended' | 'incomplete';

/** `emergency`: nobody on the canary at once. `drain`: step by step, sessions kept. */
export type RollbackMode = 'emergency' | 'drain';

/** How users go back to the baseline; times in milliseconds. */
export type RollbackModes = {
  readonly onBreach: RollbackMode;
  readonly onAbort: RollbackMode;
  readonly drain: { readonly everyMs: number; readonly sessionsMs: number; readonly baselineWaitMs: number };
  readonly backInBandMs: number;
};

/** Bundle + environment + policy, compiled to plain data and frozen. */
export type Plan = {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly hypothesis: { readonly change: string; readonly keep: string };
  readonly owners: Descriptor['owners'];
  readonly targets: {
    readonly traffic: string;
    readonly deployer: string;
    readonly databases: readonly string[];
    readonly configuration: readonly string[];
    readonly flags: readonly string[];
    readonly metrics: readonly string[];
    /** Only where the release rotates credentials. */
    readonly credentials?: readonly string[];
  };
  /** SHA-256 of every target's address part: a target that changes mid-release is noticed. */
  readonly targetDigests: { readonly [target: string]: string };
  readonly effects: readonly Effect[];
  readonly stages: readonly Stage[];
  readonly rollback: readonly Compensation[];
  readonly rollbackModes: RollbackModes;
  readonly contract: readonly Effect[];
  readonly contractGate: GateRule;
  /** The locks that the statements of the migrations take; only where there are any. */
  readonly locks?: readonly FileLocks[];
  readonly metrics: readonly MetricRule[];
  readonly checks: readonly Check[];
  readonly invariants: readonly Invariant[];
  /** Old and new forms that must agree while both live; only where the descriptor declares them. */
  readonly reconcile?: readonly ReconcileRule[];
  /** Credentials that it rotates; only where there are any. */
  readonly rotations?: readonly Rotation[];
  /** Who may choose that an undo loses rows; only where something is migrated. */
  readonly dataStewards?: readonly string[];
  readonly noData: { readonly holdForMs: number; readonly then: 'roll-back' | 'hold' };
  /** What happens when somebody else changes what the release set; absent in older plans that set no flags or the like. */
  readonly drift?: DriftRule;
  /** Which pairs of its settings nobody has had yet; only where it sets two or more, and absent in plans of older workers. */
  readonly combinations?: Combinations;
  /** What the release may spend; only where the descriptor bounds it. */
  readonly budget?: BudgetRule;
  /** What the release may be wrong about; only where the descriptor says it. */
  readonly risk?: RiskRule;
  readonly longestPauseMs: number;
  /** The same as the exposure's own, where it is sealed. */
  readonly lease: LeaseRule;
  readonly notify: readonly NotificationRule[];
  /** Sentences a person should read before the start: what is not guarded, what cannot be undone. */
  readonly warnings: readonly string[];
};

/** Binds everything a worker does to one plan and one run of one release. */
export type Seal = {
  /** `sha256:…` over the canonical plan. */
  readonly planDigest: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly firstRunId: string;
};

export type SealedPlan = {
  readonly plan: Plan;
  readonly seal: Seal;
  /** MAC over the seal itself. */
  readonly mac: string;
  readonly effects: readonly SealedEffect[];
  readonly contract: readonly SealedEffect[];
};

/** A worker's leave for another run of the same id to undo what the release of a seal did. */
export type RecoveryGrant = { readonly firstRunId: string; readonly mac: string };

/** Who writes into the store: a seal with the MAC over it, and in a recovery the leave to act for it. */
export type Author = { readonly seal: Seal; readonly mac: string; readonly grant?: RecoveryGrant };

/** What an effect needs beside itself: the seal it belongs to and the slots that preflight found, sealed too. */
export type Permit = {
  readonly seal: Seal;
  readonly roles: Slots;
  readonly rolesMac: string;
  /** Only in a recovery. */
  readonly grant?: RecoveryGrant;
};
