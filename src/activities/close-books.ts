import type { ReleaseRow } from '../core/evidence/publication';
import type { Refusal } from '../core/plan/refusal';
import type { ReleaseState } from '../core/release/state';
import type { ServiceRole } from '../ports/store';
import type { Ports } from './ports';
import { askStore } from './release-runs';

export type Books = {
  readonly release: string;
  readonly name: string;
  readonly refusal: Refusal;
  readonly row: ReleaseRow | undefined;
  readonly role: ServiceRole | undefined;
  readonly state: ReleaseState | undefined;
};

const endings = ['Promoted', 'RolledBack', 'Aborted', 'Refused'];

/** The row of a release that is over though its workflow could not say so: the next one must not be refused for it. */
function closedRow(ports: Ports, { release, refusal, row, state }: Books): ReleaseRow | undefined {
  const endedAt = new Date(ports.now()).toISOString();
  const ended = state !== undefined && endings.includes(state.phase) ? state.phase : 'RolledBack';
  const phase = refusal.code === 'already-promoted' ? 'Promoted' : ended;
  const over = { phase, sentence: refusal.message, endedAt };
  if (row !== undefined) return row.endedAt === undefined ? { ...row, ...over } : undefined;
  if (state?.sealed === undefined) return undefined;
  const { plan, seal } = state.sealed;
  return {
    release,
    service: plan.service,
    environment: plan.environment,
    version: plan.version,
    planDigest: seal.planDigest,
    startedAt: new Date(state.startedAtMs).toISOString(),
    ...over,
  };
}

/** Writes down what is so; what the store did not take is said in a clause. */
export async function closeBooks(ports: Ports, books: Books): Promise<string> {
  const { release, refusal, role, state } = books;
  const asked = await askStore(ports, async (store) => {
    const row = closedRow(ports, books);
    const { sealed, snapshot } = state ?? {};
    // Cut off between the promotion and its record: the slots have their new roles, and the store must say so.
    if (refusal.code === 'already-promoted' && role?.release !== release && row !== undefined && sealed && snapshot)
      await store.recordRole(ports.environment.name, sealed.plan.service, {
        baseline: snapshot.roles.canary,
        version: sealed.plan.version,
        release,
      });
    if (row !== undefined) await store.endRelease(row);
  });
  return 'fault' in asked ? ` The store could not be told (${asked.fault}): ask again when it answers.` : '';
}
