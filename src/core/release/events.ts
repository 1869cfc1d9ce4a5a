import type { Verdict } from '../analysis/types';
import type { RecoveryGrant, RollbackMode, SealedPlan } from '../plan/plan';
import type { Drift, DriftState } from '../drift/drift';
import type { SchemasLeft } from '../drift/schema-drift';
import type { DrainProgress } from './drain';
import type { LeftSwitch } from './left-switch';
import type { Proof } from './proof';
import type { ReleaseState } from './state';
import type { Snapshot } from './snapshot';
import type { Refusal } from '../plan/refusal';
import type { DataChoice, WatchClass } from './messages';
import type { Reconciliation } from './reconciliation';
import type { TrialReport } from '../plan/trial';

export type Ending = 'Promoted' | 'RolledBack' | 'Aborted' | 'Refused';

/** Why a release turns back. `code` is stable. */
export type Failure = {
  readonly code:
    | 'GuardrailBroken'
    | 'NoData'
    | 'Aborted'
    | 'GateRejected'
    | 'GateExpired'
    | 'PauseExpired'
    | 'EffectFailed'
    | 'CheckFailed'
    | 'WatchFailed'
    | 'Flooded'
    | 'LeaseExpired'
    | 'Recovered'
    | 'SchemaChanged'
    | 'SecondController';
  readonly reason: string;
  readonly by?: string;
  readonly metric?: string;
  /** The way back that an abort asked for; as planned when absent. */
  readonly mode?: RollbackMode;
};

/** Why an undo is stuck that only a choice can free. */
export type StuckCause = 'undo-would-lose-data';

/** What is tidied up after a promotion. */
export type SettleStep = 'role' | 'retire' | 'contract';

/** A time in which evidence could not be stored, told when it was stored after all. */
export type EvidenceGap = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Facts that were stored late, in their order. */
  readonly facts: number;
  /** What the store said. */
  readonly why: string;
  /** Facts and messages that were only counted, by type: too many to wait. */
  readonly leftOut: { readonly [type: string]: number };
};

/** Where a recovery found its release: in its last run, in one before it that says nothing of what came after, or in the store. */
export type RecoveredFrom = 'history' | 'earlier-run' | 'store';

/** Everything that can happen to a release; the state is nothing but these, applied in order. */
export type ReleaseEvent =
  | { readonly type: 'compiled'; readonly sealed: SealedPlan }
  | { readonly type: 'refused'; readonly refusals: readonly Refusal[] }
  | {
      readonly type: 'snapshot-taken';
      readonly snapshot: Snapshot;
      readonly rolesMac: string;
      readonly keptMac: string;
      /** Why the store did not keep it; left out when it did. */
      readonly notKept?: string;
      /** What came of trying every undo on a copy of the schema; left out where nothing is migrated. */
      readonly trials?: readonly TrialReport[];
    }
  | { readonly type: 'snapshot-kept' }
  | { readonly type: 'stage-started'; readonly stageId: string }
  | {
      readonly type: 'stage-done';
      readonly stageId: string;
      readonly reason: string;
      readonly verdicts: readonly Verdict[];
    }
  | { readonly type: 'effect-intended'; readonly effect: string; readonly title: string }
  | { readonly type: 'effect-done'; readonly effect: string; readonly detail: string }
  | {
      readonly type: 'gate-opened';
      readonly gate: string;
      readonly deadlineMs: number;
      /** What was known when people were asked, frozen: their answer is to this. */
      readonly pack: { readonly planDigest: string; readonly verdicts: readonly Verdict[] };
    }
  | { readonly type: 'gate-reminded'; readonly gate: string; readonly escalated: boolean }
  | { readonly type: 'approved'; readonly gate: string; readonly id: string; readonly by: string; readonly why: string }
  | { readonly type: 'rejected'; readonly gate: string; readonly id: string; readonly by: string; readonly why: string }
  | { readonly type: 'message-refused'; readonly message: string; readonly by: string; readonly reason: string }
  | {
      readonly type: 'paused';
      readonly id: string;
      readonly by: string;
      readonly why: string;
      readonly deadlineMs: number;
    }
  | { readonly type: 'resumed'; readonly id: string; readonly by: string; readonly why: string }
  | {
      readonly type: 'watch-changed';
      readonly stageId: string;
      readonly class: WatchClass;
      readonly reason: string;
      readonly verdicts: readonly Verdict[];
    }
  | { readonly type: 'split-lost'; readonly observed: string; readonly isByHand?: boolean }
  | { readonly type: 'split-restored'; readonly detail: string }
  /** What the migrations named in `after` left, which must stay while users are exposed. */
  | { readonly type: 'schemas-read'; readonly after: readonly string[]; readonly left: SchemasLeft }
  | ({ readonly type: 'drift-found'; readonly answer: DriftState['answer'] } & Drift)
  /** It reads as wanted again, by a repair or by whoever changed it; with a fault it does not. */
  | { readonly type: 'drift-answered'; readonly effect: string; readonly fault?: string }
  | {
      readonly type: 'failed';
      readonly failure: Failure;
      readonly verdicts?: readonly Verdict[];
      /** Of the message by which a person aborted it. */
      readonly abortId?: string;
    }
  /** A drain becomes an emergency. */
  | { readonly type: 'escalated'; readonly reason: string; readonly by: string }
  | { readonly type: 'drain-progressed'; readonly progress: DrainProgress }
  | {
      readonly type: 'recovered';
      /** The release as it was found; left out where the run itself knows it. */
      readonly state?: ReleaseState;
      /** Whether everything that it began is known; else all that its plan could have done counts. */
      readonly isJournalWhole: boolean;
      readonly grant: RecoveryGrant;
      readonly from: RecoveredFrom | 'reset';
      readonly by: string;
      readonly why: string;
    }
  | { readonly type: 'compensation-started'; readonly effect: string }
  | {
      readonly type: 'compensation-verified';
      readonly effect: string;
      readonly detail: string;
      /** Set where it was read back and left alone: a kill switch that somebody else threw. */
      readonly left?: LeftSwitch;
    }
  | {
      readonly type: 'compensation-stuck';
      readonly effect: string;
      readonly reason: string;
      /** When it is tried again by itself; never when left out. */
      readonly retryAtMs?: number;
      /** Set where a person has to choose what becomes of rows. */
      readonly cause?: StuckCause;
      /** How many rows the choice is about. */
      readonly rows?: number;
    }
  | {
      readonly type: 'data-chosen';
      readonly effect: string;
      readonly choice: DataChoice;
      readonly id: string;
      readonly by: string;
      readonly why: string;
    }
  | { readonly type: 'reconciled'; readonly stageId: string; readonly found: readonly Reconciliation[] }
  | {
      readonly type: 'compensation-retried';
      readonly effect: string;
      /** It was said to be mended by hand: the next attempt changes nothing. */
      readonly onlyVerify?: boolean;
      readonly id: string;
      readonly by: string;
      readonly why: string;
    }
  | {
      readonly type: 'compensation-waived';
      readonly effect: string;
      readonly id: string;
      readonly by: string;
      readonly why: string;
    }
  | { readonly type: 'proof-taken'; readonly proof: Proof }
  | { readonly type: 'store-away'; readonly sinceMs: number; readonly why: string }
  | { readonly type: 'evidence-late'; readonly gap: EvidenceGap }
  | { readonly type: 'settled'; readonly step: SettleStep; readonly detail: string }
  | { readonly type: 'ended'; readonly ending: Ending };

/** An event with when it happened (workflow time). */
export type TimedEvent = { readonly atMs: number; readonly event: ReleaseEvent };
