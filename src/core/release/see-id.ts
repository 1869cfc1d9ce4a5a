import type { ReleaseState } from './state';

/** The ids acted on, with one more. */
export const seeId = ({ seenIds }: ReleaseState, id: string): readonly string[] =>
  seenIds.includes(id) ? seenIds : [...seenIds, id];
