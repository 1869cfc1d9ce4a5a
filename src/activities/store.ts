import { ApplicationFailure } from '@temporalio/common';
import type { Slot } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { serviceOf } from '../core/release/messages';
import type { Publication } from '../core/evidence/publication';
import type { ServiceRole } from '../ports/store';
import { checkPermit } from './permit';
import type { Ports } from './ports';

export type RecordRoleInput = { readonly permit: Permit; readonly service: string; readonly role: ServiceRole };

/** Writes what a release did into the store; a repeated write changes nothing. */
export const createStoreActivities = (ports: Ports) => ({
  /** Evidence, read-model and notifications in one transaction. */
  publish: (publication: Publication): Promise<void> => ports.store.publish(publication),

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
