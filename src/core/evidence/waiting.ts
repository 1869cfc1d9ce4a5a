import type { EvidenceRecord } from './record';

/** Facts that wait for the store beyond this are only counted where they may come without end: what a new run carries has a size. */
export const mostWaitingBytes = 400_000;
/** From so many waiting facts on nobody waits for a better moment to publish them. */
export const crowdedFacts = 200;
export const mostWaitingNotices = 200;

/** The size of a fact, near enough. */
export const bytesOf = (record: EvidenceRecord): number => JSON.stringify(record).length;
