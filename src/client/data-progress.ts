import type { WorkflowExecutionDescription } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { DataProgress } from '../core/backfill/progress';
import type { Temporal } from './temporal';

const isProgress = (value: unknown): value is DataProgress =>
  typeof value === 'object' && value !== null && 'unit' in value && 'done' in value && typeof value.done === 'number';

/** How far work on data is, as its last heartbeat tells; undefined while there is none. */
export async function progressIn(
  { client }: Temporal,
  { raw }: WorkflowExecutionDescription,
): Promise<DataProgress | undefined> {
  const running = (raw.pendingActivities ?? []).find(({ activityType }) =>
    ['backfill', 'migrate'].includes(activityType?.name ?? ''),
  );
  const [beat]: unknown[] =
    (await decodeArrayFromPayloads(client.options.loadedDataConverter, running?.heartbeatDetails?.payloads)) ?? [];
  if (typeof beat !== 'object' || beat === null || !('progress' in beat) || !isProgress(beat.progress))
    return undefined;
  // A part that has told nothing is only known to run.
  const { done, resting, phase } = beat.progress;
  return done === 0 && resting === undefined && phase === undefined ? undefined : beat.progress;
}
