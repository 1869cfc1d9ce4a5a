import type { StreamDecision } from '../stream';

const waits = 'not proved safe yet';

/**
 * Why the engine holds, in the words before the colon of its reason, such as `split` or `no data`; undefined while it only
 * waits for the proof of safety, which is no news.
 */
export const holdCause = ({ reason }: StreamDecision): string | undefined =>
  reason.includes(waits) ? undefined : reason.split(':', 1)[0];
