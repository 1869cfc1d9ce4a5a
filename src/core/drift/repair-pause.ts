/** So many differences are set back at once; then something else writes too. */
export const quickRepairs = 3;
const firstPauseMs = 5_000;

/** How long to wait behind the repair of the `count`-th difference: twice as long each time, so that nobody is fought. */
export const pauseAfterRepair = (count: number, longestMs = Infinity): number =>
  count < quickRepairs ? 0 : Math.min(longestMs, firstPauseMs * 2 ** (count - quickRepairs));
