import type { ContractState } from '../core/release/contract-state';
import type { ReleaseReport } from '../core/release/report';

/** What the process says to the script that called it. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  invalid: 2,
  rolledBack: 3,
  aborted: 4,
  waitingForApproval: 5,
  timedOut: 6,
  denied: 7,
  rollbackIncomplete: 8,
  contractIncomplete: 10,
  detached: 130,
  /** What a shell says of a command that SIGPIPE ended, as in `spillway ls | head -1`. */
  unread: 141,
} as const;

/** The code of an ending or of a state that needs a person; 0 for a release that is on its way. */
export function exitCodeOf({
  phase,
  refusals,
}: {
  readonly phase: ReleaseReport['ending'];
  readonly refusals: ReleaseReport['refusals'];
}): number {
  switch (phase) {
    case 'RolledBack':
      return exitCodes.rolledBack;
    case 'Aborted':
      return exitCodes.aborted;
    case 'RollbackIncomplete':
      return exitCodes.rollbackIncomplete;
    case 'Refused':
      return refusals.every(({ kind }) => kind === 'denied') ? exitCodes.denied : exitCodes.invalid;
    case 'Promoted':
    case 'Preparing':
    case 'Releasing':
    case 'RollingBack':
      return exitCodes.ok;
  }
}

export const contractExitCode = ({ phase }: ContractState): number =>
  phase === 'ContractIncomplete' || phase === 'WaitingForDataChoice' ? exitCodes.contractIncomplete : exitCodes.ok;
