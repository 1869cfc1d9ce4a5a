import { openBundle } from '../core/descriptor/bundle';
import type { Bundle, StartRequest } from '../core/release/messages';
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

/** What people see of a release before a worker has looked at it. */
function memoOf({ bundle, requestedBy }: StartInput): Record<string, unknown> {
  const opened = openBundle(bundle);
  if (!opened.ok) return { requestedBy };
  const { version, owners } = opened.value.descriptor;
  return { requestedBy, version, owners };
}

/** Starts a release. */
export async function startRelease(temporal: Temporal, input: StartInput): Promise<Started> {
  const { environment, service } = input;
  const memo = memoOf(input);
  const version = typeof memo['version'] === 'string' ? ` ${memo['version']}` : '';
  const summary = `${service}${version} → ${environment}`;
  return startRun(temporal, { environment, service, request: requestOf(input), summary, memo });
}
