import type { GateRule } from '../plan/stages';
import type { Effect } from '../plan/effects';
import type { Admission } from './admit';
import { newSafety, type ContractSafety } from './contract-safety';
import { admitPerson, shown } from './admit';
import type { ChoiceMessage, GateMessage, StuckMessage } from './messages';

export type ContractPhase =
  | 'WaitingForQuiet'
  | 'MakingRestorePoint'
  | 'WaitingForApproval'
  | 'WaitingForRelease'
  | 'Contracting'
  | 'Renamed'
  | 'WaitingForDataChoice'
  | 'Dropping'
  | 'ContractIncomplete'
  | 'Contracted'
  | 'Declined';

export type ContractPart = {
  readonly effect: string;
  readonly status: 'waiting' | 'running' | 'done' | 'stuck' | 'waived';
  readonly detail?: string;
  /** How often it got stuck, and when it is tried again by itself. */
  readonly stuckCount?: number;
  readonly retryAtMs?: number;
  /** Whether what it removes is under its hidden name, and how often the name was given back. */
  readonly isRenamed?: boolean;
  /** Whether it is gone, checked or not. */
  readonly isDropped?: boolean;
};

/** The second half of a migration: forward only once it has begun. */
export type ContractState = {
  readonly phase: ContractPhase;
  readonly service: string;
  readonly version: string;
  readonly gate: GateRule;
  readonly openedAtMs: number;
  readonly deadlineMs: number;
  /** When people are told of the gate again. */
  readonly remindAtMs?: number;
  readonly approvals: readonly {
    readonly id: string;
    readonly by: string;
    readonly why: string;
    readonly atMs: number;
  }[];
  readonly declined?: { readonly by: string; readonly why: string };
  readonly parts: readonly ContractPart[];
  readonly seenIds: readonly string[];
  /** Signals that were unreadable or not allowed; they change nothing else. */
  readonly refusedMessageCount: number;
  readonly requestedBy: string;
  /** What is known of readers and restore points; absent in contracts that an older worker began. */
  readonly safety?: ContractSafety;
};

export function newContract(
  of: {
    readonly service: string;
    readonly version: string;
    readonly gate: GateRule;
    readonly effects: readonly Effect[];
    readonly requestedBy: string;
    /** Whether it looks for readers and makes a restore point; plans of older workers say nothing about that. */
    readonly isSafe?: boolean;
  },
  nowMs: number,
): ContractState {
  const { service, version, gate, effects, requestedBy, isSafe } = of;
  const safety = isSafe === false ? undefined : newSafety(effects);
  return {
    phase: safety === undefined ? 'WaitingForApproval' : 'WaitingForQuiet',
    service,
    version,
    gate,
    openedAtMs: nowMs,
    deadlineMs: nowMs + gate.timeoutMs,
    approvals: [],
    parts: effects.map(({ key }) => ({ effect: key, status: 'waiting' })),
    seenIds: [],
    refusedMessageCount: 0,
    requestedBy,
    ...(safety === undefined ? {} : { safety }),
  };
}

export const withPart = (state: ContractState, effect: string, change: Partial<ContractPart>): ContractState => ({
  ...state,
  parts: state.parts.map((part) => (part.effect === effect ? { ...part, ...change } : part)),
});

export function partOf(state: ContractState, effect: string): ContractPart {
  const found = state.parts.find((part) => part.effect === effect);
  if (found === undefined) throw new Error(`the contract has no part ${effect}`);
  return found;
}

/** Whether people have said yes or no. */
export const isDecided = ({ approvals, gate, declined }: ContractState): boolean =>
  approvals.length >= gate.approvals || declined !== undefined;

export const isContractOver = ({ phase }: ContractState): boolean => phase === 'Contracted' || phase === 'Declined';

const no = (reason: string): Admission => ({ ok: false, reason });

export const isApproved = ({ phase, approvals, gate }: ContractState): boolean =>
  phase === 'WaitingForApproval' && approvals.length >= gate.approvals;

const early: readonly ContractPhase[] = ['WaitingForQuiet', 'MakingRestorePoint'];
/** Until the drop a rejection still brings the old form back. */
const rejectable: readonly ContractPhase[] = ['WaitingForApproval', ...early, 'WaitingForRelease', 'Renamed'];

/** What is stuck after the gate may still be taken back, unless some of it is gone. */
export const mayTakeBack = ({ phase, declined, safety, parts }: ContractState): boolean =>
  rejectable.includes(phase) ||
  (phase === 'ContractIncomplete' &&
    declined === undefined &&
    safety !== undefined &&
    !parts.some(({ isDropped }) => isDropped === true));

const whyClosed = (state: ContractState, isApproval: boolean): string | undefined => {
  const { phase, safety } = state;
  if (isApproval && early.includes(phase))
    return `the gate is not open yet, an approval counts only for what it shows: ${safety?.why ?? 'who reads the old form is being found out'}`;
  const isOpen = isApproval ? phase === 'WaitingForApproval' : mayTakeBack(state);
  return isOpen ? undefined : `contract was decided already (${phase})`;
};

export function admitContractGate(state: ContractState, message: GateMessage, isApproval = true): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  const { gate } = state;
  const closed = whyClosed(state, isApproval);
  if (closed !== undefined) return no(closed);
  // Several messages may come before the workflow goes on: the first decision stands, for a contract has no way back.
  if (state.declined !== undefined) return no(`contract was decided already: ${state.declined.by} declined it`);
  if (isApproved(state)) return no('contract was decided already: it is approved');
  if (message.gate !== gate.name) return no(`the open gate is ${gate.name}, not ${shown(message.gate)}`);
  if (gate.members !== undefined && !gate.members.includes(message.by))
    return no(`${message.by} may not decide; ${gate.members.join(', ')} may`);
  if (isApproval && !gate.requesterMayApprove && message.by === state.requestedBy)
    return no(`${message.by} started the release; somebody else must decide`);
  return isApproval && state.approvals.some(({ by }) => by === message.by)
    ? no(`${message.by} has approved already`)
    : { ok: true };
}

/** A retry asks again at once; a waiver stands for readers that cannot be seen or do not end, and is the steward's alone. */
function admitBeforeGate({ phase, gate }: ContractState, { by }: StuckMessage, isWaiver: boolean): Admission {
  if (!isWaiver) return { ok: true };
  if (phase !== 'WaitingForQuiet')
    return no('a restore point cannot be waived: without one there would be nothing to go back to');
  if (gate.members !== undefined && !gate.members.includes(by))
    return no(`${by} may not waive it; ${gate.members.join(', ')} may`);
  return { ok: true };
}

/** Whoever may approve the drop may also accept that a way back leaves rows without their old form. */
export function admitContractChoice(state: ContractState, message: ChoiceMessage): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  if (state.phase !== 'WaitingForDataChoice') return no('no undo waits for a choice about data');
  const { members } = state.gate;
  if (message.choice === 'retry') return { ok: true };
  if (message.choice !== 'lose')
    return no(`${shown(message.choice)} is no choice here, the old form is on its way back; lose and retry are`);
  if (members === undefined || members.includes(message.by)) return { ok: true };
  return no(`${shown(message.by)} is no data steward; ${members.join(', ')} may choose lose`);
}

export function admitContractStuck(state: ContractState, message: StuckMessage, isWaiver = false): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  if (early.includes(state.phase)) return admitBeforeGate(state, message, isWaiver);
  if (state.phase === 'WaitingForDataChoice')
    return isWaiver ? no('rows would be lost: choose what becomes of them (spillway data-choice)') : { ok: true };
  if (state.phase === 'WaitingForRelease')
    return isWaiver ? no('a release that is open cannot be waived: abort it, or wait for its end') : { ok: true };
  const isStuck = state.parts.some(({ effect, status }) => status === 'stuck' && (message.effect ?? effect) === effect);
  if (!isStuck) return no('nothing is stuck');
  if (isWaiver && state.safety !== undefined)
    return no(
      `after the approval nothing is waived: mend it and retry${mayTakeBack(state) ? ', or reject, which gives the old form its name back' : ''}`,
    );
  return { ok: true };
}
