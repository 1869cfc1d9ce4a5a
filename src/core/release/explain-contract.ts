import { isApproved, mayTakeBack, type ContractPart, type ContractPhase, type ContractState } from './contract-state';
import { formatDuration } from '../duration';
import { plural } from '../plural';
import type { ContractSafety } from './contract-safety';
import { clause } from './clause';
import { gateNeed, type Explanation } from './explain';
import { describeAll } from './reconciliation';

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
  const back = `, or give the old form its name back (spillway reject ${service} ${gate.name})`;
  return `mend it, then spillway retry ${service}${mayTakeBack(state) ? back : ''}`;
}

/** The pack an approval is for, as it was frozen when the gate opened. */
function shownPack(safety: ContractSafety | undefined): string {
  if (safety === undefined) return '';
  const points = safety.restorePoints.map(
    ({ name, of, rows, kind }) => `${of} in ${kind} ${name}${rows === undefined ? '' : ` (${plural(rows, 'row')})`}`,
  );
  const quiet =
    safety.waiver === undefined
      ? safety.rule.quietMs === 0
        ? 'nothing in the schema depends on the old form, statements were not watched'
        : `nobody used the old form for ${formatDuration(safety.rule.quietMs)}`
      : `readers were waived by ${safety.waiver.by}: ${clause(safety.waiver.why)}`;
  const forms = safety.reconciled === undefined ? '' : `${describeAll(safety.reconciled)}; `;
  return `${quiet}; ${forms}kept and test-restored: ${points.join(', ') || 'nothing is removed'}; `;
}

/** From when on there is no way back; contracts of older workers drop at once. */
const afterGate = (safety: ContractSafety | undefined): string =>
  safety === undefined
    ? 'after it there is no way back'
    : `after it the old form is renamed, and dropped ${formatDuration(safety.rule.renamedMs)} later: from then on there is no way back`;

const sentences: Record<ContractPhase, (state: ContractState) => readonly [why: string, next: string, who: string]> = {
  WaitingForQuiet: ({ safety, service }) => [
    safety?.why ?? 'who still reads or writes the old form is being found out',
    `it is looked at again${lookTime(safety)}`,
    `end who needs it, look now (spillway retry ${service}), or take it upon yourself (spillway waive ${service})`,
  ],
  MakingRestorePoint: ({ safety, service }) => [
    safety?.why ?? 'what contract removes is copied, and restored from the copy to see that it can be',
    safety?.why === undefined ? 'the gate opens' : `it is tried again${lookTime(safety)}`,
    safety?.why === undefined ? 'nothing is asked of anybody' : `mend it, then spillway retry ${service}`,
  ],
  WaitingForApproval: ({ gate, approvals, deadlineMs, service, safety }) => [
    `gate ${gate.name} needs ${gateNeed(gate, approvals.length)}; ${shownPack(safety)}${afterGate(safety)}`,
    gate.onTimeout === 'hold'
      ? `the old form is removed, or stays while nobody decides (${gate.name} was to be decided by ${new Date(deadlineMs).toISOString()})`
      : `the old form is removed, or at ${new Date(deadlineMs).toISOString()} it stays for good`,
    `${gate.members?.join(', ') ?? 'anyone'} may approve (spillway approve ${service} ${gate.name})`,
  ],
  WaitingForRelease: ({ safety, service, gate }) => [
    safety?.why ?? 'another release has its snapshot on the database',
    `it is approved, and tried again${lookTime(safety)}`,
    `end that release, then try now (spillway retry ${service}); or keep both forms (spillway reject ${service} ${gate.name})`,
  ],
  Contracting: ({ safety }) => [
    safety === undefined ? 'the old form is being removed' : 'the old form gets another name',
    'the checks',
    'nothing is asked of anybody',
  ],
  Renamed: ({ safety, service, gate, declined }) =>
    declined === undefined
      ? [
          'the old form has another name; whoever still uses it fails now',
          `it is dropped for good at ${new Date(safety?.dropAtMs ?? 0).toISOString()}`,
          `until then one command gives its name back (spillway reject ${service} ${gate.name})`,
        ]
      : [
          `${declined.by} wants the old form back: ${declined.why}`,
          'it gets its name back',
          'nothing is asked of anybody',
        ],
  WaitingForDataChoice: ({ safety, service, gate }) => [
    safety?.why ?? 'rows written meanwhile would have no old form',
    `it is tried again${lookTime(safety)}`,
    `${gate.members?.join(', ') ?? 'anyone'} may choose: spillway data-choice ${service} lose or retry`,
  ],
  Dropping: () => ['the old form is copied a last time and dropped', 'the checks', 'nothing is asked of anybody'],
  ContractIncomplete: (state) => [
    state.parts
      .filter(({ status }) => status === 'stuck')
      .map(({ effect, detail }) => `${effect} is stuck (${detail ?? 'no reason given'})`)
      .join(', '),
    `${mayTakeBack(state) ? '' : 'forward only: '}it is tried again by itself${retryTime(state.parts)}`,
    waysOut(state),
  ],
  Contracted: () => ['the old form is gone', 'nothing', 'nothing is asked of anybody'],
  Declined: ({ declined }) => [
    declined === undefined ? 'nobody approved it in time' : `${declined.by} declined it: ${declined.why}`,
    'nothing: both forms stay',
    'nothing is asked of anybody',
  ],
};

const names: Record<ContractPhase, string> = {
  WaitingForQuiet: 'Contract waits until nobody needs the old form',
  MakingRestorePoint: 'Contract makes its restore point',
  Renamed: 'Contract: the old form is renamed',
  WaitingForDataChoice: 'Contract: data, choose now',
  Dropping: 'Contract: the old form is dropped',
  WaitingForApproval: 'Contract waits for approval',
  Contracting: 'Contracting',
  WaitingForRelease: 'Contract waits for the end of a release',
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
