const look = { leastMs: 50, perWatchMs: 0.8, mostMs: 250 } as const;
// Half of the time after which Temporal takes the watch for dead.
const beat = { leastMs: 150, perWatchMs: 4, mostMs: 500 } as const;

/**
 * How often the watches of one process look at their proxies and beat: few of them fast, many of them at a rate that
 * grows no more with their number, so that a decision waits for its own evidence and not behind other releases.
 */
export function createPace() {
  let watches = 0;
  const spread = ({ leastMs, perWatchMs, mostMs }: typeof look | typeof beat): number =>
    Math.min(mostMs, Math.max(leastMs, watches * perWatchMs));
  return {
    join: (): void => void (watches += 1),
    leave: (): void => void (watches -= 1),
    lookEveryMs: (): number => spread(look),
    beatEveryMs: (): number => spread(beat),
  };
}
