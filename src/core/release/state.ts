import type { Verdict } from '../analysis/types';
import type { RecoveryGrant, RollbackMode, SealedPlan } from '../plan/plan';
import type { DriftState } from '../drift/drift';
import { noteOtherWrite, type OtherWriter } from '../drift/other-writer';
import type { SchemasLeft } from '../drift/schema-drift';
import type { DrainProgress } from './drain';
import type { LeftSwitch } from './left-switch';
import type { CompensationStatus } from './rollback-order';
import type { Ending, EvidenceGap, Failure, ReleaseEvent, SettleStep, StuckCause, TimedEvent } from './events';
import { without } from '../without';
import { applyBackward } from './apply-backward';
import { applyMessage } from './apply-message';
import { applyStore } from './apply-store';
import type { Refusal } from '../plan/refusal';
import type { WatchClass } from './messages';
import type { Proof } from './proof';
import type { Snapshot } from './snapshot';

export type Phase = 'Preparing' | 'Releasing' | 'RollingBack' | 'RollbackIncomplete' | Ending;

export type StageState = {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done';
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly reason?: string;
};

export type JournalEntry = {
  readonly effect: string;
  readonly title: string;
  readonly state: 'intended' | 'done';
  readonly intendedAtMs: number;
  readonly doneAtMs?: number;
  readonly detail?: string;
};

type ApprovalEntry = { readonly id: string; readonly by: string; readonly why: string; readonly atMs: number };

export type GateState = {
  readonly openedAtMs: number;
  readonly deadlineMs: number;
  readonly approvals: readonly ApprovalEntry[];
  readonly rejection?: ApprovalEntry;
  readonly reminders: number;
};

export type CompensationState = {
  readonly status: CompensationStatus;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly detail?: string;
  /** How often it got stuck, and when that was last told. */
  readonly stuckCount?: number;
  readonly toldAtMs?: number;
  /** When something stuck is tried again by itself. */
  readonly retryAtMs?: number;
  /** A person says that it is mended: the next attempt only looks. */
  readonly onlyVerify?: boolean;
  /** Why only a choice of a person frees it. */
  readonly cause?: StuckCause;
  /** How many rows that choice is about. */
  readonly rowsAtRisk?: number;
  /** Who chose that so many rows are lost: the undo goes on with a copy of them kept, and asks again for more. */
  readonly lose?: { readonly by: string; readonly why: string; readonly rows?: number };
  /** Who chose that the new form stays, with its rows. */
  readonly kept?: { readonly by: string; readonly why: string };
  /** The kill switch that was found thrown by somebody else, and left. */
  readonly left?: LeftSwitch;
};

export type ReleaseState = {
  readonly phase: Phase;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly sealed?: SealedPlan;
  readonly snapshot?: Snapshot;
  readonly rolesMac?: string;
  readonly keptMac?: string;
  /** Why the store has not kept the snapshot; undefined once it has. */
  readonly notKept?: string;
  /** Set in a recovery until it has found its release. */
  readonly isSearching?: boolean;
  /** Set in a run that undoes what another run of the release did. */
  readonly grant?: RecoveryGrant;
  readonly stages: readonly StageState[];
  /** Undefined before the first and after the last stage. */
  readonly stage?: string;
  readonly journal: readonly JournalEntry[];
  readonly gates: { readonly [gate: string]: GateState };
  readonly paused?: {
    readonly by: string;
    readonly why: string;
    readonly sinceMs: number;
    readonly deadlineMs: number;
  };
  /** Time that the present stage was paused: its clocks stood still for so long. */
  readonly stagePausedMs: number;
  readonly watch?: {
    readonly stageId: string;
    readonly class: WatchClass;
    readonly reason: string;
    readonly sinceMs: number;
    readonly verdicts: readonly Verdict[];
  };
  readonly splitLost?: { readonly observed: string; readonly isByHand?: boolean; readonly sinceMs: number };
  /** What else writes the split, since the present exposure began. */
  readonly otherWriter?: OtherWriter;
  /** What the migrations that `after` names left; undefined before that was read. */
  readonly schemas?: { readonly after: readonly string[]; readonly left: SchemasLeft };
  /** What somebody else changed meanwhile, by the effect that had set it or by the schema. */
  readonly drifts?: { readonly [effect: string]: DriftState };
  readonly failure?: Failure & {
    readonly atMs: number;
    readonly stage?: string;
    readonly verdicts: readonly Verdict[];
  };
  /** How users go back to the baseline, since it turned back. */
  readonly wayBack?: {
    readonly mode: RollbackMode;
    /** Of the message that aborted it, so that its second delivery is no second abort. */
    readonly abortId?: string;
    readonly drain?: DrainProgress;
    /** How often the drain was heard of: what is too often is not recorded. */
    readonly toldCount: number;
    /** Why a drain became an emergency. */
    readonly escalation?: { readonly reason: string; readonly by: string; readonly atMs: number };
  };
  readonly compensations: { readonly [effect: string]: CompensationState };
  readonly proof?: Proof;
  /** What was tidied up after the promotion. */
  readonly settled: readonly SettleStep[];
  /** Since when the store takes no evidence, and why. */
  readonly storeAway?: { readonly sinceMs: number; readonly why: string };
  /** Times in which evidence reached the store late, the latest last. */
  readonly gaps: readonly EvidenceGap[];
  readonly refusals: readonly Refusal[];
  /** Messages that were refused or unreadable: the first hundred, then only counted. */
  readonly refusedMessages: readonly {
    readonly message: string;
    readonly by: string;
    readonly reason: string;
    readonly atMs: number;
  }[];
  readonly refusedMessageCount: number;
  /** Ids of messages already acted on: a repeated message changes nothing, also after continue-as-new. */
  readonly seenIds: readonly string[];
  readonly endedAtMs?: number;
};

export const newRelease = (requestedBy: string, startedAtMs: number): ReleaseState => ({
  phase: 'Preparing',
  requestedBy,
  startedAtMs,
  stages: [],
  journal: [],
  gates: {},
  stagePausedMs: 0,
  compensations: {},
  settled: [],
  gaps: [],
  refusals: [],
  refusedMessages: [],
  refusedMessageCount: 0,
  seenIds: [],
});

function withStage(state: ReleaseState, id: string, change: Partial<StageState>): readonly StageState[] {
  return state.stages.map((stage) => (stage.id === id ? { ...stage, ...change } : stage));
}

/** Once the slots have changed roles nothing turns the release back. */
const isPromotion = (state: ReleaseState, stageId: string): boolean =>
  state.failure === undefined && state.sealed?.plan.stages.find(({ id }) => id === stageId)?.kind === 'promote';

const isExposure = ({ sealed }: ReleaseState, stageId: string): boolean =>
  sealed?.plan.stages.find(({ id }) => id === stageId)?.kind === 'expose';

function applyForward(state: ReleaseState, event: ReleaseEvent, atMs: number): ReleaseState | undefined {
  switch (event.type) {
    case 'compiled':
      return {
        ...state,
        sealed: event.sealed,
        stages: event.sealed.plan.stages.map(({ id }) => ({ id, state: 'waiting' })),
      };
    case 'snapshot-taken':
      return {
        ...state,
        snapshot: event.snapshot,
        rolesMac: event.rolesMac,
        keptMac: event.keptMac,
        ...(event.notKept === undefined ? {} : { notKept: event.notKept }),
        phase: state.failure === undefined ? 'Releasing' : state.phase,
      };
    case 'snapshot-kept':
      return without(state, 'notKept');
    case 'stage-started':
      return {
        ...(isExposure(state, event.stageId) ? without(state, 'otherWriter') : state),
        stage: event.stageId,
        stagePausedMs: 0,
        stages: withStage(state, event.stageId, { state: 'running', startedAtMs: atMs }),
      };
    case 'stage-done':
      return {
        ...state,
        phase: isPromotion(state, event.stageId) ? 'Promoted' : state.phase,
        stages: withStage(state, event.stageId, { state: 'done', endedAtMs: atMs, reason: event.reason }),
      };
    case 'effect-intended':
      return state.journal.some((entry) => entry.effect === event.effect)
        ? state
        : {
            ...state,
            journal: [
              ...state.journal,
              { effect: event.effect, title: event.title, state: 'intended', intendedAtMs: atMs },
            ],
          };
    case 'effect-done':
      return {
        ...state,
        journal: state.journal.map((entry) =>
          entry.effect === event.effect ? { ...entry, state: 'done', doneAtMs: atMs, detail: event.detail } : entry,
        ),
      };
    case 'watch-changed': {
      const { stageId, reason, verdicts } = event;
      return { ...state, watch: { stageId, class: event.class, reason, verdicts, sinceMs: atMs } };
    }
    case 'split-lost':
      return {
        ...state,
        splitLost: { ...without(event, 'type'), sinceMs: atMs },
        ...(event.isByHand === true ? { otherWriter: noteOtherWrite(state.otherWriter, event.observed, atMs) } : {}),
      };
    case 'split-restored':
      return {
        ...without(state, 'splitLost'),
        ...(state.otherWriter === undefined ? {} : { otherWriter: { ...state.otherWriter, restoredAtMs: atMs } }),
      };
    case 'schemas-read':
      return { ...state, schemas: without(event, 'type') };
    case 'drift-found': {
      const { effect, observed, answer } = event;
      const count = (state.drifts?.[effect]?.count ?? 0) + 1;
      return { ...state, drifts: { ...state.drifts, [effect]: { effect, observed, answer, count, sinceMs: atMs } } };
    }
    case 'drift-answered': {
      const known = state.drifts?.[event.effect];
      if (known === undefined) return state;
      const answered = event.fault === undefined ? { ...known, endedAtMs: atMs } : { ...known, fault: event.fault };
      return { ...state, drifts: { ...state.drifts, [event.effect]: answered } };
    }
    case 'settled':
      return { ...state, settled: [...state.settled, event.step] };
    default:
      return undefined;
  }
}

/** The next state; pure, total, and the only way a release changes. Of an ended release only its evidence is under way still. */
export function applyEvent(state: ReleaseState, { atMs, event }: TimedEvent): ReleaseState {
  const stored = applyStore(state, event);
  if (stored !== undefined) return stored;
  if (state.endedAtMs !== undefined && event.type !== 'message-refused') return state;
  return (
    applyForward(state, event, atMs) ?? applyMessage(state, event, atMs) ?? applyBackward(state, event, atMs) ?? state
  );
}
