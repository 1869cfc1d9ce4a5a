import { releaseWorkflowId } from '../core/release/messages';
import { ClientError } from './client-error';
import { listReleases, type ReleaseRow } from './list';
import { isName, readReleaseId } from './release-id';
import type { Temporal } from './temporal';

const named = (rows: readonly ReleaseRow[]): string =>
  [...new Set(rows.map(({ environment, service }) => `${environment}/${service}`))].join(', ');

/** The workflow id that a person means by a service, `environment/service` or a whole id. */
export async function resolveRelease(temporal: Temporal, said: string, environment?: string): Promise<string> {
  if (/^(release|contract)\//.test(said)) {
    readReleaseId(said);
    return said;
  }
  const [first = '', second, ...rest] = said.split('/');
  if (second !== undefined && rest.length === 0) return checked(releaseWorkflowId(first, second));
  if (!isName(said)) return checked(said);
  if (environment !== undefined) return checked(releaseWorkflowId(environment, said));
  for (const isOpen of [true, false]) {
    const rows = await listReleases(temporal, { service: said, kind: 'any', isOpen });
    const environments = [...new Set(rows.map((row) => row.environment))];
    const [only] = environments;
    if (environments.length === 1 && only !== undefined) return releaseWorkflowId(only, said);
    if (environments.length > 1)
      throw new ClientError(
        'ambiguous',
        `${said} is released in several environments (${environments.join(', ')}): say which by --environment or as ${only}/${said}.`,
      );
  }
  const open = await listReleases(temporal, { kind: 'any' });
  throw new ClientError(
    'not-found',
    `There is no release of ${said}. ${open.length === 0 ? 'No release is open now.' : `Open now: ${named(open)}.`}`,
  );
}

/** The newest contract of a release's service, open or over; a contract's own id is given back. */
export async function newestContract(temporal: Temporal, workflowId: string): Promise<string> {
  const { environment, service, kind } = readReleaseId(workflowId);
  if (kind === 'contract') return workflowId;
  const [newest] = await listReleases(temporal, { environment, service, kind: 'contract', isOpen: 'any', limit: 1 });
  if (newest !== undefined) return newest.workflowId;
  throw new ClientError(
    'not-found',
    `There is no contract of ${service} in ${environment}: one begins with the promotion of a release whose migrations have a contract.`,
  );
}

function checked(workflowId: string): string {
  readReleaseId(workflowId);
  return workflowId;
}
