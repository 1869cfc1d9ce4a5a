import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { Admission } from '../core/release/admit';
import {
  admitContractChoice,
  admitContractGate,
  admitContractStuck,
  withPart,
  type ContractState,
} from '../core/release/contract-state';
import { explainContract } from '../core/release/explain-contract';
import type {
  Acknowledgement,
  ChoiceMessage,
  GateMessage,
  PersonMessage,
  StuckMessage,
} from '../core/release/messages';
import { seeId } from '../core/release/see-id';
import { contractState, queries, signals, unreadable, updates } from './messages';
import { onSignal } from './signal-door';

type Change = (next: ContractState) => void;
type Doors<M> = {
  readonly update: UpdateDefinition<Acknowledgement, [M]>;
  readonly signal: SignalDefinition<[M]>;
};

function approve(state: ContractState, { id, by, why }: GateMessage, atMs: number): ContractState {
  return { ...state, approvals: [...state.approvals, { id, by, why, atMs }] };
}

function decideStuck(state: ContractState, message: StuckMessage, status: 'waiting' | 'waived'): ContractState {
  const detail = status === 'waived' ? { detail: `waived by ${message.by}: ${message.why}` } : {};
  const isMeant = (effect: string): boolean => message.effect === undefined || message.effect === effect;
  return state.parts
    .filter((part) => part.status === 'stuck' && isMeant(part.effect))
    .reduce((next, { effect }) => withPart(next, effect, { status, ...detail }), state);
}

const askAgain = (state: ContractState): ContractState =>
  state.safety === undefined
    ? state
    : { ...state, safety: { ...state.safety, askedCount: state.safety.askedCount + 1 } };

/** Before the gate a waiver is for readers; after it, for the part that is stuck. */
const waive = (state: ContractState, { by, why }: StuckMessage, atMs: number): ContractState =>
  state.safety === undefined || state.phase !== 'WaitingForQuiet'
    ? state
    : { ...state, safety: { ...state.safety, waiver: { by, why, atMs } } };

const choose = (state: ContractState, { choice, by, why }: ChoiceMessage, atMs: number): ContractState =>
  choice === 'lose' && state.safety !== undefined
    ? { ...state, safety: { ...state.safety, lose: { by, why, atMs, ...state.safety.atRisk } } }
    : askAgain(state);

/** Opens every handler of a contract: each decision as an update, and as a signal for machines and the Temporal UI. */
export function openContractInbox(state: () => ContractState, change: Change): void {
  const refuse = (): void => change({ ...state(), refusedMessageCount: state().refusedMessageCount + 1 });

  function open<M extends PersonMessage>(
    { update, signal }: Doors<M>,
    admit: (state: ContractState, message: M) => Admission,
    next: (state: ContractState, message: M) => ContractState,
  ): void {
    const act = (message: M): void => {
      if (state().seenIds.includes(message.id)) return;
      const changed = next(state(), message);
      change({ ...changed, seenIds: seeId(changed, message.id) });
    };
    setHandler(
      update,
      (message: M): Acknowledgement => {
        act(message);
        return { accepted: true, sentence: explainContract(state()).sentence };
      },
      {
        description: `${update.name} by a person, with id, by and why`,
        validator: (message: M) => {
          const admission = admit(state(), message);
          if (!admission.ok) throw new Error(admission.reason);
        },
      },
    );
    onSignal(signal, (message: M) => {
      if (admit(state(), message).ok) act(message);
      // A bad signal changes nothing but this count: to throw here would end the contract.
      else refuse();
    });
  }

  open<GateMessage>(
    { update: updates.approve, signal: signals.approve },
    (now, message) => admitContractGate(now, message),
    (now, message) => approve(now, message, Date.now()),
  );
  open<GateMessage>(
    { update: updates.reject, signal: signals.reject },
    (now, message) => admitContractGate(now, message, false),
    (now, { by, why }) => ({ ...now, declined: { by, why } }),
  );
  open<StuckMessage>(
    { update: updates.retry, signal: signals.retry },
    (now, message) => admitContractStuck(now, message),
    (now, message) => askAgain(decideStuck(now, message, 'waiting')),
  );
  open<StuckMessage>(
    { update: updates.waive, signal: signals.waive },
    (now, message) => admitContractStuck(now, message, true),
    (now, message) => waive(decideStuck(now, message, 'waived'), message, Date.now()),
  );
  open<ChoiceMessage>(
    { update: updates.chooseData, signal: signals.chooseData },
    (now, message) => admitContractChoice(now, message),
    (now, message) => choose(now, message, Date.now()),
  );
  onSignal(unreadable, (_name, _reason) => refuse());
  setHandler(contractState, state);
  setHandler(queries.explain, () => explainContract(state()));
}
