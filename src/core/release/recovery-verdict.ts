import type { Refusal } from '../plan/refusal';

/** What is known of a release that somebody wants recovered. */
export type RecoveryFacts = {
  /** `<environment>/<service>`. */
  readonly name: string;
  /** First run id. */
  readonly release: string;
  readonly isRunning: boolean;
  /** How it ended by itself, by Temporal or the store; undefined while it did not. */
  readonly ending?: string;
  /** The world or the recorded role shows that its slot is the baseline now. */
  readonly isPromoted: boolean;
  /** How the slots' roles differ from those of its snapshot, though it did not promote. */
  readonly otherRoles?: string;
  /** A release of the service that began after it. */
  readonly laterRelease?: string;
  /** `none`: it ended before its snapshot. `lost`: neither Temporal nor the store has it. `forged`: its seal is wrong. */
  readonly snapshot: 'there' | 'none' | 'lost' | 'forged';
};

const denied = (code: Refusal['code'], message: string, fix: string): Refusal => ({
  code,
  kind: 'denied',
  message,
  fix,
});

const rollForward = 'Roll forward: release the version you want.';

/** Why a release may not be rolled back by another run; undefined when it may. */
export function refuseRecovery(facts: RecoveryFacts): Refusal | undefined {
  const { name, release, ending, laterRelease, snapshot } = facts;
  const its = `Release ${release} of ${name}`;
  if (facts.isRunning) return denied('still-running', `${its} is open and runs.`, `Abort it: spillway abort ${name}.`);
  if (ending === 'Promoted' || (ending === undefined && facts.isPromoted))
    return denied('already-promoted', `${its} was promoted: its version is the baseline now.`, rollForward);
  if (ending !== undefined)
    return denied('nothing-to-recover', `${its} ended ${ending}: there is nothing to recover.`, 'Start the next one.');
  if (laterRelease !== undefined)
    return denied(
      'later-release',
      `Release ${laterRelease} of ${name} began after ${release}: going back to the older snapshot would undo the newer one.`,
      `Abort or recover the newer one; else roll forward.`,
    );
  if (facts.otherRoles !== undefined)
    return denied(
      'role-mismatch',
      `${its} cannot go back while the slots have other roles than in its snapshot: ${facts.otherRoles}.`,
      'Put the slots back into the roles of the snapshot, at the proxy or in the record, and recover again; where the present roles are right, see docs/how-to/recover-a-release.md.',
    );
  switch (snapshot) {
    case 'there':
      return undefined;
    case 'none':
      return denied(
        'nothing-to-recover',
        `${its} was ended before its snapshot: it had changed nothing.`,
        'Start the next one.',
      );
    case 'lost':
      return denied(
        'state-lost',
        `Neither Temporal nor the store has the snapshot of ${its.toLowerCase()}.`,
        'If the store is down, bring it back and ask again; else bring the targets back by hand (docs/how-to/recover-a-release.md).',
      );
    case 'forged':
      return denied(
        'state-lost',
        `What is stored of ${its.toLowerCase()} was not sealed by a worker of this environment.`,
        'If the workers’ seal key changed, put the old one back and ask again; else somebody wrote to the store: bring the targets back by hand.',
      );
  }
}
