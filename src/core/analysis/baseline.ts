/** What one look at the proxy says of the baseline; counts only grow. */
export type BaselineLook = {
  readonly atMs: number;
  readonly good: number;
  readonly bad: number;
  /** Good answers of the canary beside it. */
  readonly canaryGood: number;
  /** Requests the baseline is working on. */
  readonly sessions: number;
  /** A health check of a proxy finds it down, so nobody is sent there. */
  readonly isDown: boolean;
  /** Its share of the requests, 0 to 100. */
  readonly percent: number;
};

/** How things stood when the baseline last answered well. */
export type BaselineMemory = {
  readonly goodAtMs: number;
  readonly good: number;
  readonly bad: number;
  readonly canaryGood: number;
  /** Whether every look since then saw it work on a request. */
  readonly isBusy: boolean;
  readonly downSinceMs?: number;
};

/** A moment in which it is restarted, or a few bad answers of a sick one, are no silence. */
const shortestMs = 500;
const failedInARow = 10;
const fewFailedInARow = 5;
const fewAfterMs = 3_000;
const hangsAfterMs = 5_000;
/** So many answers it would have given by its share while the canary gave its own: fewer may be chance. */
const leastMissed = 10;

const remember = ({ atMs, good, bad, canaryGood, sessions }: BaselineLook): BaselineMemory => ({
  goodAtMs: atMs,
  good,
  bad,
  canaryGood,
  isBusy: sessions > 0,
});

/** Begins anew with every good answer, and where nobody is sent to the baseline or another reader counts. */
export function followBaseline(before: BaselineMemory | undefined, look: BaselineLook): BaselineMemory {
  const isNew =
    before === undefined ||
    look.percent === 0 ||
    look.good !== before.good ||
    look.bad < before.bad ||
    look.canaryGood < before.canaryGood;
  const { downSinceMs: wasDown, ...memory } = isNew ? remember(look) : before;
  const downSinceMs = look.isDown && look.percent > 0 ? (before?.downSinceMs ?? wasDown ?? look.atMs) : undefined;
  return {
    ...memory,
    isBusy: memory.isBusy && look.sessions > 0,
    ...(downSinceMs === undefined ? {} : { downSinceMs }),
  };
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** How the baseline shows that it does not answer, or undefined while it does. */
export function silenceOf(memory: BaselineMemory, look: BaselineLook): string | undefined {
  const { goodAtMs, downSinceMs, isBusy } = memory;
  if (downSinceMs !== undefined && look.atMs - downSinceMs >= shortestMs)
    return 'the health checks of the proxy find it down';
  const quietMs = look.atMs - goodAtMs;
  const failed = look.bad - memory.bad;
  const isDead =
    (failed >= failedInARow && quietMs >= shortestMs) || (failed >= fewFailedInARow && quietMs >= fewAfterMs);
  if (isDead) return `all of its last ${failed} requests failed`;
  const missed = ((look.canaryGood - memory.canaryGood) * look.percent) / Math.max(1, 100 - look.percent);
  if (isBusy && quietMs >= hangsAfterMs && missed >= leastMissed)
    return `it works on ${look.sessions} requests and has answered none for ${seconds(quietMs)}`;
  return undefined;
}
