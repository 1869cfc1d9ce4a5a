import type { WatchView } from '../core/analysis/types';
import { explain } from '../core/release/explain';
import type { ReleaseState } from '../core/release/state';

// The sealed plan holds all SQL (`spillway plan --json` shows it); the others are the engine's own.
const hidden = ['sealed', 'snapshot', 'rolesMac', 'seenIds'];

/** A release as `--json` shows it. */
export function releaseJson(workflowId: string, state: ReleaseState, view?: WatchView) {
  const { sealed } = state;
  return {
    workflowId,
    service: sealed?.plan.service ?? null,
    version: sealed?.plan.version ?? null,
    environment: sealed?.plan.environment ?? null,
    planDigest: sealed?.seal.planDigest ?? null,
    explanation: explain(state),
    ...Object.fromEntries(Object.entries(state).filter(([key]) => !hidden.includes(key))),
    view: view ?? null,
  };
}
