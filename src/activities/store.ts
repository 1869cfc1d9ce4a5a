import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Slot } from '../core/plan/effects';
import type { Author, Permit, Seal } from '../core/plan/plan';
import { contractWorkflowId, reconcileWorkflowId, serviceOf } from '../core/release/messages';
import type { Publication, ReleaseRow } from '../core/evidence/publication';
import type { ServiceRole } from '../ports/store';
import { checkAuthor, checkPermit, forged } from './permit';
import type { Ports } from './ports';

export type PublishInput = { readonly author: Author; readonly publication: Publication };
export type RecordRoleInput = { readonly permit: Permit; readonly service: string; readonly role: ServiceRole };

/** What is told of a release, of its contract and of the guard of its ending, each by the one that did it. */
function isOwnRow({ workflowId, firstRunId, environment, planDigest }: Seal, row: ReleaseRow): boolean {
  const service = serviceOf(workflowId);
  const caller = Context.current().info.workflowExecution?.workflowId;
  const rows: Readonly<Record<string, string>> = {
    [workflowId]: firstRunId,
    [contractWorkflowId(environment, service, firstRunId)]: `${firstRunId}/contract`,
    [reconcileWorkflowId(environment, service, firstRunId)]: `${firstRunId}/reconcile`,
  };
  return (
    caller !== undefined &&
    row.release === rows[caller] &&
    row.service === service &&
    row.environment === environment &&
    row.planDigest === planDigest
  );
}

/** Writes what a release did into the store; a repeated write changes nothing. */
export const createStoreActivities = (ports: Ports) => ({
  /** Evidence, read-model and notifications in one transaction. */
  publish: async ({ author, publication }: PublishInput): Promise<void> => {
    checkAuthor(ports, author);
    if (!isOwnRow(author.seal, publication.row)) throw forged('The publication', author);
    await ports.store.publish(publication);
  },

  /** Records which slot is the baseline from now on. */
  recordRole: async ({ permit, service, role }: RecordRoleInput): Promise<Slot> => {
    checkPermit(ports, permit);
    const { seal, roles } = permit;
    // A release hands the service over to its own slot and to no other.
    if (service !== serviceOf(seal.workflowId) || role.release !== seal.firstRunId || role.baseline !== roles.canary)
      throw ApplicationFailure.nonRetryable(
        `${seal.workflowId} may not record ${role.baseline} as the baseline of ${service}.`,
        'SealBroken',
      );
    await ports.store.recordRole(ports.environment.name, service, role);
    return role.baseline;
  },
});
