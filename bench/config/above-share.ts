export type Counted = {
  /** Requests that the canary answered, of all that were answered in the same time. */
  readonly canary: number;
  readonly requests: number;
  /** What the canary may have, in percent. */
  readonly percent: number;
  /** Rounds of the proxy that these requests belong to: every process begins one of its own. */
  readonly rounds: number;
};

/**
 * Requests that the canary had above its share. A smooth round robin gives a server at most `⌈n × share⌉` of any n requests of
 * one round, so k rounds together give it at most `⌈n × share⌉ + k − 1`: so much is the share, and everything above is not.
 */
export const aboveShare = ({ canary, requests, percent, rounds }: Counted): number =>
  Math.max(0, canary - (Math.ceil((requests * percent) / 100) + rounds - 1));
