import type { Bundle, StartRequest } from '../core/release/messages';
import { admit } from './admit';
import { startRun, type Started } from './start-run';
import type { Temporal } from './temporal';

export type StartInput = {
  readonly bundle: Bundle;
  readonly environment: string;
  readonly service: string;
  readonly requestedBy: string;
  /** Refuse unless the worker compiles exactly this plan (`sha256:…`). */
  readonly expectPlan?: string | undefined;
};

export function requestOf({ bundle, requestedBy, expectPlan }: StartInput): StartRequest {
  return { bundle, requestedBy, ...(expectPlan === undefined ? {} : { expectPlan }) };
}

/** Starts a release; @throws ClientError `invalid` before anything is sent when its bundle would be refused as it stands. */
export async function startRelease(temporal: Temporal, input: StartInput): Promise<Started> {
  const { environment, service, requestedBy } = input;
  const { version, owners } = admit(input).descriptor;
  const summary = `${service} ${version} → ${environment}`;
  // What people see of a release before a worker has looked at it.
  const memo = { requestedBy, version, owners };
  return startRun(temporal, { environment, service, request: requestOf(input), summary, memo });
}
