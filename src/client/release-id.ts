import { releaseWorkflowId } from '../core/release/messages';
import { ClientError } from './client-error';

/** What a workflow id of Spillway says. */
export type ReleaseId = {
  readonly kind: 'release' | 'contract';
  readonly environment: string;
  readonly service: string;
};

const name = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const isName = (text: string): boolean => name.test(text);

/** Reads `release/<environment>/<service>` or `contract/<environment>/<service>/<release>`; undefined for others. */
export function parseReleaseId(workflowId: string): ReleaseId | undefined {
  const [kind, environment, service, release, ...rest] = workflowId.split('/');
  if (environment === undefined || service === undefined || rest.length > 0) return undefined;
  if (!isName(environment) || !isName(service)) return undefined;
  if (kind === 'release' && release === undefined) return { kind, environment, service };
  if (kind === 'contract' && release !== undefined && release !== '') return { kind, environment, service };
  return undefined;
}

/** The same, for an id that must be one of ours. */
export function readReleaseId(workflowId: string): ReleaseId {
  const found = parseReleaseId(workflowId);
  if (found !== undefined) return found;
  throw new ClientError(
    'invalid',
    `${JSON.stringify(workflowId)} is no release: write a service, environment/service, ${releaseWorkflowId('<environment>', '<service>')} or contract/<environment>/<service>/<release>.`,
  );
}
