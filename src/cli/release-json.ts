import type { StateSight } from '../client';
import { explain } from '../core/release/explain';

// The sealed plan holds all SQL (`spillway plan --json` shows it); the others are the engine's own.
const hidden = ['sealed', 'snapshot', 'rolesMac', 'seenIds'];

/** A release as `--json` shows it. */
export function releaseJson(workflowId: string, { state, view, progress, standing }: StateSight) {
  const { sealed } = state;
  return {
    workflowId,
    service: sealed?.plan.service ?? null,
    version: sealed?.plan.version ?? null,
    environment: sealed?.plan.environment ?? null,
    planDigest: sealed?.seal.planDigest ?? null,
    explanation: explain(state, progress),
    ...Object.fromEntries(Object.entries(state).filter(([key]) => !hidden.includes(key))),
    view: view ?? null,
    progress: progress ?? null,
    standing: standing ?? null,
  };
}
