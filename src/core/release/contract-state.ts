import type { GateRule } from '../plan/stages';
import type { Effect } from '../plan/effects';
import type { Admission } from './admit';
import { admitPerson, shown } from './admit';
import type { GateMessage, StuckMessage } from './messages';

export type ContractPhase = 'WaitingForApproval' | 'Contracting' | 'ContractIncomplete' | 'Contracted' | 'Declined';

export type ContractPart = {
  readonly effect: string;
  readonly status: 'waiting' | 'running' | 'done' | 'stuck' | 'waived';
  readonly detail?: string;
  /** How often it got stuck, and when it is tried again by itself. */
  readonly stuckCount?: number;
  readonly retryAtMs?: number;
};

/** The second half of a migration: forward only once it has begun. */
export type ContractState = {
  readonly phase: ContractPhase;
  readonly service: string;
  readonly version: string;
  readonly gate: GateRule;
  readonly openedAtMs: number;
  readonly deadlineMs: number;
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
};

export function newContract(
  of: {
    readonly service: string;
    readonly version: string;
    readonly gate: GateRule;
    readonly effects: readonly Effect[];
    readonly requestedBy: string;
  },
  nowMs: number,
): ContractState {
  const { service, version, gate, effects, requestedBy } = of;
  return {
    phase: 'WaitingForApproval',
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

export function admitContractGate(state: ContractState, message: GateMessage): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  const { gate, phase } = state;
  if (phase !== 'WaitingForApproval') return no(`contract was decided already (${phase})`);
  // Several messages may come before the workflow goes on: the first decision stands, for a contract has no way back.
  if (state.declined !== undefined) return no(`contract was decided already: ${state.declined.by} declined it`);
  if (isApproved(state)) return no('contract was decided already: it is approved');
  if (message.gate !== gate.name) return no(`the open gate is ${gate.name}, not ${shown(message.gate)}`);
  if (gate.members !== undefined && !gate.members.includes(message.by))
    return no(`${message.by} may not decide; ${gate.members.join(', ')} may`);
  if (!gate.requesterMayApprove && message.by === state.requestedBy)
    return no(`${message.by} started the release; somebody else must decide`);
  return state.approvals.some(({ by }) => by === message.by) ? no(`${message.by} has approved already`) : { ok: true };
}

export function admitContractStuck(state: ContractState, message: StuckMessage): Admission {
  const shape = admitPerson(message);
  if (!shape.ok || state.seenIds.includes(message.id)) return shape;
  const isStuck = state.parts.some(({ effect, status }) => status === 'stuck' && (message.effect ?? effect) === effect);
  return isStuck ? { ok: true } : no('nothing is stuck');
}
