import type { ContractState } from '../../../src/core/release/contract-state';
import type { GateMessage } from '../../../src/core/release/messages';
import type { SealedPlan } from '../../../src/core/plan/plan';
import type { Task } from '../server/activity';
import type { Outcome } from '../server/failures';
import type { Closing } from '../server/setting';
import type { World } from '../world';
import { keyOf, undoes } from './effects';

export type ContractSubject = {
  readonly world: World;
  readonly sealed: SealedPlan;
  readonly requestedBy: string;
  /** Whether the slots have changed roles: the old form has no reader any more. */
  readonly isPromoted: () => boolean;
  readonly fail: (what: string) => void;
};

/** Watches a contract: never without approvals of its own, never before the promotion, never back, and all of it once begun. */
export function createContractChecker({ world, sealed, requestedBy, isPromoted, fail }: ContractSubject) {
  const { contractGate: gate } = sealed.plan;
  const keys = sealed.contract.map(({ effect }) => effect.key);
  const approvers = new Set<string>();
  /** Those of them who spoke while the gate was open for certain: it opens once the restore point is there. */
  const heeded = new Set<string>();
  const checked = new Set<string>();
  let isGateOpen = false;
  let isStuck = false;
  let isDeclined = false;
  /** Until the drop a rejection gives the old form back. */
  let isRejected = false;
  let hasStarted = false;
  let isOver = false;

  /** Whoever asked for the release may reject it, also where somebody else must approve it. */
  const mayReject = ({ by, gate: name }: GateMessage): boolean =>
    name === gate.name && (gate.members === undefined || gate.members.includes(by));
  const mayApprove = (message: GateMessage): boolean =>
    mayReject(message) && (gate.requesterMayApprove || message.by !== requestedBy);
  const revoked = new Map(
    sealed.contract.flatMap(({ effect }) => (effect.kind === 'revoke' ? [[effect.key, effect.login] as const] : [])),
  );
  const stateOf = (key: string): string | undefined => world.logins[revoked.get(key) ?? '']?.state;
  const isApplied = (key: string): boolean =>
    revoked.has(key) ? stateOf(key) !== 'open' : world.ledger.get(key)?.isApplied === true;
  const isGone = (key: string): boolean =>
    revoked.has(key) ? stateOf(key) === 'revoked' : isApplied(key) && checked.has(key);

  return {
    /** A message reached its code; a task that is lost brings it again. */
    onHeard(name: string, payload: unknown): void {
      const said = (typeof payload === 'object' && payload !== null ? payload : {}) as Partial<GateMessage>;
      if (typeof said.by !== 'string') return;
      const isOpen = approvers.size < gate.approvals && !isDeclined;
      if (name === 'approve' && isOpen && mayApprove(payload as GateMessage)) {
        approvers.add(said.by);
        if (isGateOpen) heeded.add(said.by);
      }
      if (name === 'reject' && mayReject(payload as GateMessage)) isRejected = true;
      if (name === 'reject' && isOpen && mayReject(payload as GateMessage)) isDeclined = true;
    },
    onScheduled(task: Task): void {
      if (undoes(task)) fail(`a contract scheduled ${task.type}`);
      if (task.type !== 'renameOldForm') return;
      hasStarted = true;
      const key = keyOf(task);
      if (!keys.includes(key)) fail(`a contract applies ${key}, which is no part of it`);
      if (!isPromoted()) fail(`${key} was contracted before the promotion`);
      if (approvers.size < gate.approvals)
        fail(`${key} was contracted with ${approvers.size} approvals of ${gate.approvals}`);
      if (isDeclined) fail(`${key} was contracted though somebody declined`);
    },
    onDelivered(task: Task, outcome: Outcome): void {
      if (task.type !== 'verifyData' || outcome.kind !== 'completed') return;
      const { migrations } = task.input as {
        readonly migrations: readonly { readonly effect: { readonly key: string } }[];
      };
      for (const { effect } of migrations) if (isApplied(effect.key)) checked.add(effect.key);
    },
    afterTask(state: ContractState): void {
      isGateOpen = state.phase === 'WaitingForApproval';
      isStuck = state.parts.some(({ status }) => status === 'stuck');
      // What was found voids approvals; they are asked for again.
      if (state.phase === 'WaitingForQuiet') heeded.clear();
      if (hasStarted && state.phase === 'Declined' && !isRejected) fail('a contract that had begun was declined');
      // Its gate may also close by its deadline; who approves after that comes too late.
      isDeclined ||= state.phase === 'Declined';
      for (const key of keys)
        if (world.ledger.get(key)?.isUndone === true && !isRejected) fail(`${key} was contracted and undone`);
    },
    onClosed(closing: Closing, { phase }: ContractState): void {
      if (closing.kind === 'continued') return;
      isOver = true;
      if (closing.kind !== 'completed') return fail(`a contract ended as ${closing.kind}`);
      if (phase !== 'Contracted' && phase !== 'Declined') return fail(`a contract ended as ${phase}`);
      if (phase === 'Declined' && heeded.size >= gate.approvals && !isRejected)
        fail('a contract was declined that was approved');
      for (const key of keys) {
        if (phase === 'Declined' && isApplied(key))
          fail(`${key} was contracted, and the contract says it was declined`);
        if (phase === 'Contracted' && !isGone(key))
          fail(`${key} counts as contracted, and it is not applied and checked`);
      }
    },
    atRest(isStarted: boolean): void {
      // One that is stuck is tried again until a person decides, and people may stay silent.
      if (isStarted && !isOver && !isStuck) fail('a contract does not end');
    },
  };
}
