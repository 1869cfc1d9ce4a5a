import type { Publication } from '../../../src/core/evidence/publication';
import type { Slot } from '../../../src/core/plan/effects';
import { change, Fault, type Models } from './model';

/** Whether a record of the same release and number has another content. */
const contradicts = (known: Publication, next: Publication): boolean =>
  known.row.release === next.row.release &&
  next.evidence.some((record) =>
    known.evidence.some((its) => its.seq === record.seq && JSON.stringify(its) !== JSON.stringify(record)),
  );

/** What the store keeps, and what a watch last told the server. */
export const books: Models = {
  *publish(doing, input) {
    yield 'store';
    const { publication } = input as unknown as { readonly publication: Publication };
    const by = doing.describeRun()?.firstRunId ?? '';
    const { published, publishedBy } = doing.world;
    const other = published.find((known) => publishedBy.get(known) !== by && contradicts(known, publication));
    if (other !== undefined) throw new Fault('Conflict', 'a record is stored with another content', false);
    publishedBy.set(publication, by);
    change(doing, 'publish', () => published.push(publication));
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
