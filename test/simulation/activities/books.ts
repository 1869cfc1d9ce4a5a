import type { Publication } from '../../../src/core/evidence/publication';
import type { Slot } from '../../../src/core/plan/effects';
import { change, type Models } from './model';

/** What the store keeps, and what a watch last told the server. */
export const books: Models = {
  *publish(doing, input) {
    yield 'store';
    change(doing, 'publish', () => doing.world.published.push(input as unknown as Publication));
    yield 'worker';
  },
  *readWatch(doing, input) {
    const { workflowId, runId } = input as unknown as { readonly workflowId: string; readonly runId: string };
    yield 'worker';
    const beaten = doing.lastHeartbeat(workflowId, runId, 'observe') as { readonly state: unknown } | undefined;
    return beaten?.state ?? null;
  },
  *recordRole(doing, input) {
    const { role } = input as unknown as { readonly role: { readonly baseline: Slot } };
    yield 'store';
    change(doing, `role ${role.baseline}`, () => (doing.world.role = role.baseline));
    yield 'worker';
    return role.baseline;
  },
};
