import { isApproved, type ContractPart, type ContractPhase, type ContractState } from './contract-state';
import { clause } from './clause';
import { gateNeed, type Explanation } from './explain';

const retryTime = (parts: readonly ContractPart[]): string => {
  const dueMs = parts.flatMap(({ status, retryAtMs }) =>
    status === 'stuck' && retryAtMs !== undefined ? [retryAtMs] : [],
  );
  return dueMs.length === 0 ? '' : ` at ${new Date(Math.min(...dueMs)).toISOString()}`;
};

const sentences: Record<ContractPhase, (state: ContractState) => readonly [why: string, next: string, who: string]> = {
  WaitingForApproval: ({ gate, approvals, deadlineMs, service }) => [
    `gate ${gate.name} needs ${gateNeed(gate, approvals.length)}; after it there is no way back`,
    `the old form is removed, or at ${new Date(deadlineMs).toISOString()} it stays for good`,
    `${gate.members?.join(', ') ?? 'anyone'} may approve (spillway approve ${service} ${gate.name})`,
  ],
  Contracting: () => ['the old form is being removed', 'the checks', 'nothing is asked of anybody'],
  ContractIncomplete: ({ parts, service }) => [
    parts
      .filter(({ status }) => status === 'stuck')
      .map(({ effect, detail }) => `${effect} is stuck (${detail ?? 'no reason given'})`)
      .join(', '),
    `forward only: it is tried again by itself${retryTime(parts)}`,
    `spillway retry or waive ${service}`,
  ],
  Contracted: () => ['the old form is gone', 'nothing', 'nothing is asked of anybody'],
  Declined: ({ declined }) => [
    declined === undefined ? 'nobody approved it in time' : `${declined.by} declined it: ${declined.why}`,
    'nothing: both forms stay',
    'nothing is asked of anybody',
  ],
};

const names: Record<ContractPhase, string> = {
  WaitingForApproval: 'Contract waits for approval',
  Contracting: 'Contracting',
  ContractIncomplete: 'Contract incomplete, act now',
  Contracted: 'Contracted',
  Declined: 'Contract declined',
};

export function explainContract(state: ContractState): Explanation {
  // Between the last approval and the first part the phase is not there yet, and nobody is waited for any more.
  const phase = isApproved(state) ? 'Contracting' : state.phase;
  const [why, next, who] = sentences[phase](state);
  const name = names[phase];
  return {
    state: name,
    why,
    sinceMs: state.openedAtMs,
    next,
    who,
    sentence: `${name}: ${clause(why)}; next: ${clause(next)}; ${clause(who)}.`,
  };
}
