import { isApproved, mayTakeBack, type ContractPart, type ContractPhase, type ContractState } from './contract-state';
import type { ContractSafety } from './contract-safety';
import { clause } from './clause';
import { afterGate, shownPack } from './contract-pack';
import { besideShutOut, formWords } from './old-form-words';
import { gateNeed } from './explain';
import type { Explanation } from './explanation';

const retryTime = (parts: readonly ContractPart[]): string => {
  const dueMs = parts.flatMap(({ status, retryAtMs }) =>
    status === 'stuck' && retryAtMs !== undefined ? [retryAtMs] : [],
  );
  return dueMs.length === 0 ? '' : ` at ${new Date(Math.min(...dueMs)).toISOString()}`;
};

const lookTime = (safety: ContractSafety | undefined): string =>
  safety?.nextLookMs === undefined ? '' : ` at ${new Date(safety.nextLookMs).toISOString()}`;

/** Contracts of older workers could be waived, part by part. */
function waysOut(state: ContractState): string {
  const { service, gate, safety } = state;
  if (safety === undefined) return `spillway retry or waive ${service}`;
  const back = `, or ${formWords(state).back} (spillway reject ${service} ${gate.name})`;
  return `mend it, then spillway retry ${service}${mayTakeBack(state) ? back : ''}`;
}

const sentences: Record<ContractPhase, (state: ContractState) => readonly [why: string, next: string, who: string]> = {
  WaitingForQuiet: ({ safety, service, parts }) => [
    safety?.why ?? `${formWords({ parts }).users} is being found out`,
    `it is looked at again${lookTime(safety)}`,
    `${formWords({ parts }).endUsers}, look now (spillway retry ${service}), or take it upon yourself (spillway waive ${service})`,
  ],
  MakingRestorePoint: ({ safety, service, parts }) => [
    safety?.why ?? formWords({ parts }).copied,
    safety?.why === undefined ? 'the gate opens' : `it is tried again${lookTime(safety)}`,
    safety?.why === undefined ? 'nothing is asked of anybody' : `mend it, then spillway retry ${service}`,
  ],
  WaitingForApproval: (state) => {
    const { gate, approvals, deadlineMs, service } = state;
    const { removed, stays, itStays } = formWords(state);
    const until = new Date(deadlineMs).toISOString();
    return [
      `gate ${gate.name} needs ${gateNeed(gate, approvals.length)}; ${shownPack(state)}${afterGate(state)}`,
      gate.onTimeout === 'hold'
        ? `${removed}, or ${stays} while nobody decides (${gate.name} was to be decided by ${until})`
        : `${removed}, or at ${until} ${itStays} for good`,
      `${gate.members?.join(', ') ?? 'anyone'} may approve (spillway approve ${service} ${gate.name})`,
    ];
  },
  WaitingForRelease: ({ safety, service, gate, parts }) => [
    besideShutOut(safety?.why ?? 'another release has its snapshot on the database', parts),
    `it is approved, and tried again${lookTime(safety)}`,
    `end that release, then try now (spillway retry ${service}); or keep ${formWords({ parts }).kept} (spillway reject ${service} ${gate.name})`,
  ],
  Contracting: ({ safety, parts }) => [
    safety === undefined ? 'the old form is being removed' : formWords({ parts }).hiding,
    'the checks',
    'nothing is asked of anybody',
  ],
  Renamed: ({ safety, service, gate, declined, parts }) => {
    const { wanted, whoFails, goesAt, oneCommand, comesBack } = formWords({ parts });
    return declined === undefined
      ? [
          whoFails,
          `${goesAt} at ${new Date(safety?.dropAtMs ?? 0).toISOString()}`,
          `until then one command ${oneCommand} (spillway reject ${service} ${gate.name})`,
        ]
      : [`${declined.by} wants ${wanted} back: ${declined.why}`, comesBack, 'nothing is asked of anybody'];
  },
  WaitingForDataChoice: ({ safety, service, gate, parts }) => [
    besideShutOut(safety?.why ?? 'rows written meanwhile would have no old form', parts),
    `it is tried again${lookTime(safety)}`,
    `${gate.members?.join(', ') ?? 'anyone'} may choose: spillway data-choice ${service} lose or retry`,
  ],
  Dropping: ({ parts }) => [formWords({ parts }).dropping, 'the checks', 'nothing is asked of anybody'],
  ContractIncomplete: (state) => [
    besideShutOut(
      state.parts
        .filter(({ status }) => status === 'stuck')
        .map(({ effect, detail }) => `${effect} is stuck (${detail ?? 'no reason given'})`)
        .join(', '),
      state.parts,
    ),
    `${mayTakeBack(state) ? '' : 'forward only: '}it is tried again by itself${retryTime(state.parts)}`,
    waysOut(state),
  ],
  Contracted: ({ parts }) => [formWords({ parts }).gone, 'nothing', 'nothing is asked of anybody'],
  Declined: ({ declined, parts }) => [
    declined === undefined ? 'nobody approved it in time' : `${declined.by} declined it: ${declined.why}`,
    `nothing: ${formWords({ parts }).kept} stay`,
    'nothing is asked of anybody',
  ],
};

const names: Record<ContractPhase, (words: ReturnType<typeof formWords>) => string> = {
  WaitingForQuiet: ({ form }) => `Contract waits until nobody needs ${form}`,
  MakingRestorePoint: ({ step }) => `Contract ${step}`,
  Renamed: ({ isHidden }) => `Contract: ${isHidden}`,
  WaitingForDataChoice: () => 'Contract: data, choose now',
  Dropping: ({ isDropped }) => `Contract: ${isDropped}`,
  WaitingForApproval: () => 'Contract waits for approval',
  Contracting: () => 'Contracting',
  WaitingForRelease: () => 'Contract waits for the end of a release',
  ContractIncomplete: () => 'Contract incomplete, act now',
  Contracted: () => 'Contracted',
  Declined: () => 'Contract declined',
};

export function explainContract(state: ContractState): Explanation {
  // Between the last approval and the first part the phase is not there yet, and nobody is waited for any more.
  const phase = isApproved(state) ? 'Contracting' : state.phase;
  const [why, next, who] = sentences[phase](state);
  const name = names[phase](formWords(state));
  return {
    state: name,
    why,
    sinceMs: state.openedAtMs,
    next,
    who,
    sentence: `${name}: ${clause(why)}; next: ${clause(next)}; ${clause(who)}.`,
  };
}
