import type { ReleaseState } from './state';

/** Ids are carried from run to run, so there is an end to them: the oldest are forgotten. */
const mostSeenIds = 500;

/** The ids acted on, with one more. */
export const seeId = ({ seenIds }: Pick<ReleaseState, 'seenIds'>, id: string): readonly string[] =>
  seenIds.includes(id) ? seenIds : [...seenIds, id].slice(-mostSeenIds);
