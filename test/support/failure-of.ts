import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ReleaseReport } from '../../src/core/release/report';

/** How a release failed: its type and its report; anything else fails the test. */
export async function failureOf(result: Promise<unknown>): Promise<{ type: string; report: ReleaseReport }> {
  const error: unknown = await result.then(
    (found: unknown) => new Error(`it did not fail: ${JSON.stringify(found)}`),
    (found: unknown) => found,
  );
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
  return { type: error.cause.type ?? '', report: error.cause.details?.[0] as ReleaseReport };
}
