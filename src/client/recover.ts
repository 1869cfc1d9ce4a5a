import type { RecoverRequest } from '../core/release/messages';
import { withoutCredentials } from '../core/secrets/credential-shapes';
import { ClientError } from './client-error';
import type { Person } from './decide';
import { readReleaseId } from './release-id';
import { startRun, type Started } from './start-run';
import type { Temporal } from './temporal';

export type RecoverInput = Person & {
  readonly workflowId: string;
  /** First run id of the release; the one that is open when left out. */
  readonly firstRunId?: string | undefined;
};

/** Starts the rollback of a release whose workflow was terminated or lost: a run of the same id, so it takes the lock. */
export async function recoverRelease(temporal: Temporal, input: RecoverInput): Promise<Started> {
  const { workflowId, firstRunId, by, why } = input;
  const { kind, environment, service } = readReleaseId(workflowId);
  if (kind === 'contract')
    throw new ClientError(
      'invalid',
      'A contract only goes forward, so there is nothing to recover: start its release’s next version, or run its SQL by hand.',
    );
  const request: RecoverRequest = {
    recover: firstRunId === undefined ? {} : { firstRunId },
    requestedBy: by,
    why: withoutCredentials(why),
  };
  const summary = `recover ${service} in ${environment}`;
  const memo = { requestedBy: by, ...(firstRunId === undefined ? {} : { recovers: firstRunId }) };
  return startRun(temporal, { environment, service, request, summary, memo });
}
