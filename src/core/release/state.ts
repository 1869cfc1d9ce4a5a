import type { Verdict } from '../analysis/types';
import type { SealedPlan } from '../plan/plan';
import type { CompensationStatus } from './rollback-order';
import type { Ending, Failure, ReleaseEvent, TimedEvent } from './events';
import type { Refusal } from '../plan/refusal';
import type { WatchClass } from './messages';
import type { Proof } from './proof';
import type { Snapshot } from './snapshot';

export type Phase = 'Preparing' | 'Releasing' | 'RollingBack' | 'RollbackIncomplete' | 'Proving' | Ending;

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

export type ApprovalEntry = { readonly id: string; readonly by: string; readonly why: string; readonly atMs: number };

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
};

export type ReleaseState = {
  readonly phase: Phase;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly sealed?: SealedPlan;
  readonly snapshot?: Snapshot;
  readonly rolesMac?: string;
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
  readonly splitLost?: { readonly observed: string; readonly sinceMs: number };
  readonly failure?: Failure & {
    readonly atMs: number;
    readonly stage?: string;
    readonly verdicts: readonly Verdict[];
  };
  readonly compensations: { readonly [effect: string]: CompensationState };
  readonly proof?: Proof;
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

const mostRefusedMessages = 100;

export const newRelease = (requestedBy: string, startedAtMs: number): ReleaseState => ({
  phase: 'Preparing',
  requestedBy,
  startedAtMs,
  stages: [],
  journal: [],
  gates: {},
  stagePausedMs: 0,
  compensations: {},
  refusals: [],
  refusedMessages: [],
  refusedMessageCount: 0,
  seenIds: [],
});

const without = <T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> => {
  const { [key]: _gone, ...rest } = value;
  return rest;
};

function withStage(state: ReleaseState, id: string, change: Partial<StageState>): readonly StageState[] {
  return state.stages.map((stage) => (stage.id === id ? { ...stage, ...change } : stage));
}

function withGate(state: ReleaseState, gate: string, change: (gate: GateState) => GateState): ReleaseState['gates'] {
  const found = state.gates[gate];
  return found === undefined ? state.gates : { ...state.gates, [gate]: change(found) };
}

function withCompensation(
  state: ReleaseState,
  effect: string,
  change: Partial<CompensationState>,
): ReleaseState['compensations'] {
  const found = state.compensations[effect] ?? { status: 'pending' };
  return { ...state.compensations, [effect]: { ...found, ...change } };
}

const seen = (state: ReleaseState, id: string): readonly string[] => [...state.seenIds, id];

/** A compensation is due for every effect that was ever intended: it may have happened. */
function pendingCompensations(state: ReleaseState): ReleaseState['compensations'] {
  return Object.fromEntries(state.journal.map((entry) => [entry.effect, { status: 'pending' }] as const));
}

function applyForward(state: ReleaseState, event: ReleaseEvent, atMs: number): ReleaseState | undefined {
  switch (event.type) {
    case 'compiled':
      return {
        ...state,
        sealed: event.sealed,
        stages: event.sealed.plan.stages.map(({ id }) => ({ id, state: 'waiting' })),
      };
    case 'snapshot-taken':
      return { ...state, snapshot: event.snapshot, rolesMac: event.rolesMac, phase: 'Releasing' };
    case 'stage-started':
      return {
        ...state,
        stage: event.stageId,
        stagePausedMs: 0,
        stages: withStage(state, event.stageId, { state: 'running', startedAtMs: atMs }),
      };
    case 'stage-done':
      return {
        ...state,
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
      return { ...state, splitLost: { observed: event.observed, sinceMs: atMs } };
    case 'split-restored':
      return without(state, 'splitLost');
    default:
      return undefined;
  }
}

function applyMessage(state: ReleaseState, event: ReleaseEvent, atMs: number): ReleaseState | undefined {
  switch (event.type) {
    case 'gate-opened':
      return {
        ...state,
        gates: {
          ...state.gates,
          [event.gate]: { openedAtMs: atMs, deadlineMs: event.deadlineMs, approvals: [], reminders: 0 },
        },
      };
    case 'gate-reminded':
      return { ...state, gates: withGate(state, event.gate, (gate) => ({ ...gate, reminders: gate.reminders + 1 })) };
    case 'approved': {
      const { id, by, why } = event;
      const gates = withGate(state, event.gate, (gate) => ({
        ...gate,
        approvals: [...gate.approvals, { id, by, why, atMs }],
      }));
      return { ...state, gates, seenIds: seen(state, id) };
    }
    case 'rejected': {
      const { id, by, why } = event;
      const gates = withGate(state, event.gate, (gate) => ({ ...gate, rejection: { id, by, why, atMs } }));
      return { ...state, gates, seenIds: seen(state, id) };
    }
    case 'message-refused':
      return {
        ...state,
        refusedMessageCount: state.refusedMessageCount + 1,
        refusedMessages:
          state.refusedMessages.length >= mostRefusedMessages
            ? state.refusedMessages
            : [...state.refusedMessages, { message: event.message, by: event.by, reason: event.reason, atMs }],
      };
    case 'paused': {
      const { by, why, deadlineMs } = event;
      return { ...state, paused: { by, why, sinceMs: atMs, deadlineMs }, seenIds: seen(state, event.id) };
    }
    case 'resumed': {
      const pausedMs = state.paused === undefined ? 0 : atMs - state.paused.sinceMs;
      return {
        ...without(state, 'paused'),
        stagePausedMs: state.stagePausedMs + pausedMs,
        seenIds: seen(state, event.id),
      };
    }
    default:
      return undefined;
  }
}

function applyBackward(state: ReleaseState, event: ReleaseEvent, atMs: number): ReleaseState | undefined {
  switch (event.type) {
    case 'failed':
      return state.failure !== undefined
        ? state
        : {
            ...without(state, 'paused'),
            phase: 'RollingBack',
            failure: {
              ...event.failure,
              atMs,
              verdicts: event.verdicts ?? state.watch?.verdicts ?? [],
              ...(state.stage === undefined ? {} : { stage: state.stage }),
            },
            compensations: pendingCompensations(state),
          };
    case 'compensation-started':
      return {
        ...state,
        compensations: withCompensation(state, event.effect, { status: 'running', startedAtMs: atMs }),
      };
    case 'compensation-verified':
      return {
        ...state,
        compensations: withCompensation(state, event.effect, {
          status: 'verified',
          endedAtMs: atMs,
          detail: event.detail,
        }),
      };
    case 'compensation-stuck':
      return {
        ...state,
        phase: 'RollbackIncomplete',
        compensations: withCompensation(state, event.effect, { status: 'stuck', detail: event.reason }),
      };
    case 'compensation-retried':
      return {
        ...state,
        phase: 'RollingBack',
        compensations: withCompensation(state, event.effect, { status: 'pending' }),
        seenIds: seen(state, event.id),
      };
    case 'compensation-waived':
      return {
        ...state,
        phase: 'RollingBack',
        compensations: withCompensation(state, event.effect, {
          status: 'waived',
          endedAtMs: atMs,
          detail: `waived by ${event.by}: ${event.why}`,
        }),
        seenIds: seen(state, event.id),
      };
    case 'proof-taken':
      return { ...state, proof: event.proof, phase: event.proof.isRestored ? state.phase : 'RollbackIncomplete' };
    case 'refused':
      return { ...state, refusals: event.refusals, phase: 'Refused' };
    case 'ended':
      return { ...without(state, 'stage'), phase: event.ending, endedAtMs: atMs };
    default:
      return undefined;
  }
}

/** The next state; pure, total, and the only way a release changes. */
export function applyEvent(state: ReleaseState, { atMs, event }: TimedEvent): ReleaseState {
  return (
    applyForward(state, event, atMs) ?? applyMessage(state, event, atMs) ?? applyBackward(state, event, atMs) ?? state
  );
}
