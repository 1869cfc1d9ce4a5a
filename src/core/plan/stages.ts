import type { CohortShare } from '../cohorts/members';

/** What a gate asks for before it opens. */
export type GateRule = {
  readonly name: string;
  readonly approvals: number;
  /** Undefined: anyone may approve. */
  readonly from?: readonly string[];
  /** The members of `from`, frozen with the plan. */
  readonly members?: readonly string[];
  readonly requesterMayApprove: boolean;
  readonly timeoutMs: number;
  readonly remindEveryMs: number;
  readonly onTimeout: 'roll-back' | 'hold';
  /** Why the policy asks for it, where that is not the share of users alone. */
  readonly reason?: string;
};

/** One item of a plan. `id` is unique in the plan. */
export type Stage =
  | { readonly kind: 'apply'; readonly id: string; readonly title: string; readonly effects: readonly string[] }
  | { readonly kind: 'verify'; readonly id: string; readonly title: string; readonly effects: readonly string[] }
  | { readonly kind: 'check'; readonly id: string; readonly title: string }
  | { readonly kind: 'gate'; readonly id: string; readonly title: string; readonly gate: GateRule }
  | ExposeStage
  | { readonly kind: 'promote'; readonly id: string; readonly title: string };

export type ExposeStage = {
  readonly kind: 'expose';
  readonly id: string;
  readonly title: string;
  /** Share of requests the canary gets, 0 to 100; 0 where only the members of cohorts get it. */
  readonly canaryPercent: number;
  /** Who gets the canary whatever the share of the others, by member; absent in releases without cohorts. */
  readonly cohorts?: readonly CohortShare[];
  /** Where users keep their version by their identity requests are no coin tosses: some people send more than others. */
  readonly isByIdentity?: boolean;
  readonly bakeMs: number;
  readonly minRequests: number;
  /** Whether every limit is to be proved before the stage is left: where the descriptor names no requests that are enough. */
  readonly needsProof?: boolean;
  /** True for full exposure: its bake is the rollback window. */
  readonly isFull: boolean;
  /** Users times minutes that the stage may put at risk. */
  readonly maxUserMinutes?: number;
};
