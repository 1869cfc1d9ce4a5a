import type { ExposeStage } from '../plan/stages';
import type { WatchNotice } from './messages';
import type { ReleaseState } from './state';

type Notice = Pick<WatchNotice, 'attempt' | 'stageId'>;

// Anybody who may write to the namespace can send a notice.
const attemptOf = ({ attempt }: Notice): number => (Number.isInteger(attempt) ? (attempt ?? 0) : 0);

/** The newest attempt that was heard, with one more notice. */
export const newestAttempt = (notice: Notice, heard: number): number => Math.max(heard, attemptOf(notice));

/**
 * Whether a notice comes too late to count: from an attempt whose successor was heard already (a worker that stood still and
 * woke), or about a stage that a later one has followed. The successor tells each class once, so nothing may come after it.
 */
export function isLateNotice(
  notice: Notice,
  heard: number,
  { stages }: Pick<ReleaseState, 'stages'>,
  exposures: readonly Pick<ExposeStage, 'id'>[],
): boolean {
  const begun = new Set(stages.filter(({ state }) => state !== 'waiting').map(({ id }) => id));
  const last = exposures.findLastIndex(({ id }) => begun.has(id));
  return attemptOf(notice) < heard || exposures.findIndex(({ id }) => id === notice.stageId) < last;
}
