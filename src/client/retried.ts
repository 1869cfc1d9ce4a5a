import type { WorkflowExecutionDescription } from '@temporalio/client';

/** What is written down for others waits in the background, however long, and is told by the release itself. */
const background = ['publish', 'recordRole', 'readLastSeq', 'keepRelease'];
/** The world is away or slow; anything else ends at once, or is a bug. */
const passing = ['TargetUnavailable', 'NotConverged'];

/** What a running release tries again because a target is away or slow, and what the last attempt said; undefined when nothing. */
export function whyRetried({ status, raw }: Pick<WorkflowExecutionDescription, 'status' | 'raw'>): string | undefined {
  if (status.name !== 'RUNNING') return undefined;
  const sentences = (raw.pendingActivities ?? []).flatMap(({ activityType, attempt, lastFailure }) => {
    const name = activityType?.name ?? '';
    const isPassing = passing.includes(lastFailure?.applicationFailureInfo?.type ?? '');
    // Without a number: it would be another sentence at every attempt.
    const isMeant = (attempt ?? 1) > 1 && isPassing && !background.includes(name);
    return isMeant ? [`${name} cannot go on for now: ${lastFailure?.message}`] : [];
  });
  return sentences.length === 0 ? undefined : sentences.join(' ');
}
