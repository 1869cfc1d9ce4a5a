import { formatDuration } from '../duration';

/** How far work on data is, as a heartbeat carries it. */
export type DataProgress = {
  /** What is done, e.g. `rows` or `blocks`, for people. */
  readonly unit: string;
  readonly done: number;
  /** How much there is, as the server's statistics estimate it; left out where they know nothing. */
  readonly estimated?: number;
  /** Over the last seconds. */
  readonly perSecond?: number;
  /** What is being done now, where it has phases. */
  readonly phase?: string;
  /** Why it does nothing now, and until when at most (epoch milliseconds). */
  readonly resting?: { readonly because: string; readonly untilMs?: number };
};

/** One look at a count that grows. */
export type Look = { readonly atMs: number; readonly done: number };

/** The rate is that of so many milliseconds. */
const windowMs = 10_000;

/** The looks with one more, as far back as the rate looks. */
export function withLook(looks: readonly Look[], look: Look): readonly Look[] {
  const from = look.atMs - windowMs;
  // The newest that is older stays: the window has to begin somewhere.
  const begin = Math.max(
    0,
    looks.findLastIndex(({ atMs }) => atMs <= from),
  );
  return [...looks.slice(begin), look];
}

/** The growth per second; undefined while there is too little to tell. */
export function rateOf(looks: readonly Look[]): number | undefined {
  const [first, last] = [looks.at(0), looks.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  return ((last.done - first.done) * 1_000) / (last.atMs - first.atMs);
}

/** How long the rest takes at this rate, in milliseconds; undefined where nobody can know. */
export function leftMsOf({ done, estimated, perSecond }: DataProgress): number | undefined {
  if (estimated === undefined || perSecond === undefined || perSecond <= 0 || done >= estimated) return undefined;
  return ((estimated - done) * 1_000) / perSecond;
}

// Grouped by hand: the locale of whoever reads must not change the sentence.
const grouped = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** As people read it: `412,000 of about 1,000,000 rows, 151,000 rows/s, 4s left`. */
export function describeProgress(progress: DataProgress): string {
  const { unit, done, estimated, perSecond, phase, resting } = progress;
  const leftMs = leftMsOf(progress);
  const parts = [
    ...(phase === undefined ? [] : [phase]),
    `${grouped(done)}${estimated === undefined ? '' : ` of about ${grouped(Math.max(done, estimated))}`} ${unit}`,
    ...(perSecond === undefined || resting !== undefined ? [] : [`${grouped(perSecond)} ${unit}/s`]),
    ...(leftMs === undefined || resting !== undefined ? [] : [`${formatDuration(Math.max(1_000, leftMs))} left`]),
  ];
  if (resting === undefined) return parts.join(', ');
  const until = resting.untilMs === undefined ? '' : `, until ${time(resting.untilMs)} at most`;
  return `${parts.join(', ')}; resting because ${resting.because}${until}`;
}
