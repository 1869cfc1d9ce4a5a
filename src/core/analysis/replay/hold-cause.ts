import type { StreamDecision } from '../stream';

const causes = ['split', 'placebo', 'no data', 'harm suspected'] as const;

/** What a hold is for: something is wrong with the comparison, or with the canary. */
export type HoldCause = (typeof causes)[number];

/** Why the engine holds; undefined while it only waits for more evidence, which is no news. Reasons begin with their cause. */
export const holdCause = ({ reason }: StreamDecision): HoldCause | undefined =>
  causes.find((cause) => reason.startsWith(cause));
