import type { Slot } from '../core/plan/effects';
import type { Publication } from '../core/evidence/publication';
import type { ServiceRole } from '../ports/store';
import type { Ports } from './ports';

export type RecordRoleInput = { readonly service: string; readonly role: ServiceRole };

/** Writes what a release did into the store; a repeated write changes nothing. */
export const createStoreActivities = (ports: Ports) => ({
  /** Evidence, read-model and notifications in one transaction. */
  publish: (publication: Publication): Promise<void> => ports.store.publish(publication),

  /** Records which slot is the baseline from now on. */
  recordRole: async ({ service, role }: RecordRoleInput): Promise<Slot> => {
    await ports.store.recordRole(ports.environment.name, service, role);
    return role.baseline;
  },
});
