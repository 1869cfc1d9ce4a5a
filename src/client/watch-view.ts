import type { WorkflowExecutionDescription } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { WatchView } from '../core/analysis/types';
import type { Temporal } from './temporal';

const isView = (value: unknown): value is WatchView =>
  typeof value === 'object' && value !== null && 'stageId' in value && 'verdicts' in value && 'atMs' in value;

const viewOf = (heartbeat: unknown): readonly WatchView[] =>
  typeof heartbeat === 'object' && heartbeat !== null && 'view' in heartbeat && isView(heartbeat.view)
    ? [heartbeat.view]
    : [];

/** What the running watch last told; undefined while nobody is exposed. */
export async function viewIn(
  { client }: Temporal,
  { raw }: WorkflowExecutionDescription,
): Promise<WatchView | undefined> {
  const watches = (raw.pendingActivities ?? []).filter(({ activityType }) => activityType?.name === 'observe');
  const beats = await Promise.all(
    watches.map(({ heartbeatDetails }) =>
      decodeArrayFromPayloads(client.options.loadedDataConverter, heartbeatDetails?.payloads),
    ),
  );
  // Two watches run during a hand-over; the newer one knows better.
  return beats
    .flatMap(([beat]) => viewOf(beat))
    .sort((a, b) => b.atMs - a.atMs)
    .at(0);
}
